terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "name" { type = string }
variable "image_id" { type = string }
variable "vpc_id" { type = string }
variable "subnet_ids" { type = list(string) }

provider "aws" {
  skip_metadata_api_check = true
}

resource "aws_security_group" "load_balancer" {
  name        = "${var.name}-lb"
  description = "load balancer"
  vpc_id      = var.vpc_id
  ingress {
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "instances" {
  name        = "${var.name}-app"
  description = "instances"
  vpc_id      = var.vpc_id
  ingress {
    protocol        = "tcp"
    from_port       = 80
    to_port         = 80
    security_groups = [aws_security_group.load_balancer.id]
  }
  egress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_launch_template" "app" {
  name                   = "${var.name}-app"
  image_id               = var.image_id
  instance_type          = "t3.micro"
  vpc_security_group_ids = [aws_security_group.instances.id]
  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_lb_target_group" "app" {
  name                 = "${var.name}-tg"
  port                 = 80
  protocol             = "HTTP"
  vpc_id               = var.vpc_id
  deregistration_delay = 30
  health_check {
    path     = "/"
    matcher  = "200"
    interval = 10
    timeout  = 5
  }
}

resource "aws_lb" "app" {
  name               = "${var.name}-lb"
  load_balancer_type = "application"
  subnets            = var.subnet_ids
  security_groups    = [aws_security_group.load_balancer.id]
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.app.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}

# Done means what it means to multivac: instances in service, and healthy as targets.
resource "aws_autoscaling_group" "app" {
  name                      = var.name
  min_size                  = 1
  max_size                  = 1
  vpc_zone_identifier       = var.subnet_ids
  target_group_arns         = [aws_lb_target_group.app.arn]
  health_check_type         = "ELB"
  health_check_grace_period = 180
  wait_for_elb_capacity     = 1
  force_delete              = true
  launch_template {
    id      = aws_launch_template.app.id
    version = aws_launch_template.app.latest_version
  }
}
