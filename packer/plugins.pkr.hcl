# What `packer init` fetches on Packer 1.7 and later. Packer 1.6.6 has these built in and refuses this block,
# so it stands apart from the template.

packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.2.8, < 2.0.0"
    }
    ansible = {
      source  = "github.com/hashicorp/ansible"
      version = ">= 1.1.1, < 2.0.0"
    }
  }
}
