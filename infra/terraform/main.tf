# Gatepost, all of it: one resource group. infra/bicep makes the same; tests hold the two against each other.

data "azurerm_client_config" "current" {}

locals {
  token = substr(sha1("${data.azurerm_client_config.current.subscription_id}/${var.environment_name}/${var.location}"), 0, 8)
  tags  = { "azd-env-name" = var.environment_name }

  allowed_addresses = [for address in split(",", var.allowed_ip_addresses) : trimspace(address) if trimspace(address) != ""]
}

resource "azurerm_resource_group" "main" {
  name     = "rg-${var.environment_name}"
  location = var.location
  tags     = local.tags
}

# The app's one identity, for blobs, queue, vault and telemetry. It is made first, so that every role can be given
# before the app starts.
resource "azurerm_user_assigned_identity" "app" {
  name                = "id-gatepost-${local.token}"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  tags                = local.tags
}
