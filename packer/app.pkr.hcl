# Bakes the app into an image: a builder from the base image, Ansible over SSH, a new AMI.
# It builds as it stands on every Packer since 1.6.6. What only newer ones take (since-1.7.hcl) is put in
# by src/bake/template.ts at the line marked below.

variable "region" { type = string }
variable "base_image" { type = string }
variable "image_name" { type = string }
variable "instance_type" { type = string }
variable "vpc_id" { type = string }
variable "subnet_id" { type = string }
variable "public_ip" { type = bool }
variable "ssh_user" { type = string }
variable "ssh_from" { type = string }
variable "tags" { type = map(string) }
variable "bake_id" { type = string }
variable "poll_seconds" { type = number }
variable "builder_user_data" { type = string }
variable "playbook" { type = string }
variable "playbook_variables" { type = string }
variable "manifest" { type = string }

variable "root_volume" {
  description = "The builder's disk where it is to be larger than its image's: device and GiB."
  type        = list(object({ device = string, size = number }))
}

variable "endpoint" {
  description = "A custom EC2 endpoint; empty for AWS itself."
  type        = string
  default     = ""
}

source "amazon-ebs" "app" {
  region                  = var.region
  custom_endpoint_ec2     = var.endpoint
  skip_region_validation  = true # multivac has looked at AWS there
  skip_metadata_api_check = var.endpoint != ""

  source_ami    = var.base_image
  ami_name      = var.image_name
  tags          = merge(var.tags, { "multivac:resource" = "image" })
  snapshot_tags = merge(var.tags, { "multivac:resource" = "snapshot" })

  # Set as the builder is created, so that an interrupted bake leaves nothing that its tags do not find.
  run_tags        = merge(var.tags, { "multivac:resource" = "builder", "multivac:bake" = var.bake_id })
  run_volume_tags = merge(var.tags, { "multivac:resource" = "builder-volume" })

  instance_type               = var.instance_type
  vpc_id                      = var.vpc_id
  subnet_id                   = var.subnet_id
  associate_public_ip_address = var.public_ip

  # Its type stays the image's own. The system grows its file system as it boots.
  dynamic "launch_block_device_mappings" {
    for_each = var.root_volume
    content {
      device_name           = launch_block_device_mappings.value.device
      volume_size           = launch_block_device_mappings.value.size
      delete_on_termination = true
    }
  }

  # A builder that nobody ends any more powers itself off, and that terminates it.
  shutdown_behavior = "terminate"
  user_data         = var.builder_user_data

  temporary_key_pair_name               = "packer_${var.tags["multivac:name"]}-${var.tags["multivac:environment"]}_${var.bake_id}"
  temporary_security_group_source_cidrs = [var.ssh_from]
  ssh_username                          = var.ssh_user
  ssh_interface                         = var.public_ip ? "public_ip" : "private_ip"
  ssh_timeout                           = "10m"

  # 40 minutes in all: a large image takes its time, a small one must not wait.
  aws_polling {
    delay_seconds = var.poll_seconds
    max_attempts  = 2400 / var.poll_seconds
  }

  # multivac: since-1.7.hcl
}

build {
  sources = ["source.amazon-ebs.app"]

  provisioner "ansible" {
    playbook_file = var.playbook
    user          = var.ssh_user
    use_proxy     = false
    # multivac has checked it; here it would be asked twice more.
    skip_version_check = true
    extra_arguments = [
      "--extra-vars", "@${var.playbook_variables}",
    ]
  }

  post-processor "manifest" {
    output = var.manifest
  }
}
