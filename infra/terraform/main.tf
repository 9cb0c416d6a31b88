# Gatepost, all of it: one resource group. infra/bicep makes the same, under the same names; tests hold the two against
# each other.

data "azurerm_client_config" "current" {}

locals {
  subscription_id = lower(data.azurerm_client_config.current.subscription_id)
  region          = lower(replace(var.location, " ", ""))

  # As Bicep's guid() computes it, so that changing over keeps the names.
  token = substr(uuidv5("11fb06fb-712d-4ddd-98c7-e71bbd588830", join("-", [local.subscription_id, var.environment_name, local.region])), 0, 8)
  tags  = merge(var.tags, { "azd-env-name" = var.environment_name })

  names = {
    resource_group         = coalesce(var.names.resource_group, "rg-${var.environment_name}")
    identity               = coalesce(var.names.identity, "id-gatepost-${local.token}")
    workspace              = coalesce(var.names.workspace, "log-gatepost-${local.token}")
    application_insights   = coalesce(var.names.application_insights, "appi-gatepost-${local.token}")
    data_account           = coalesce(var.names.data_account, "stgatepost${local.token}")
    host_account           = coalesce(var.names.host_account, "sthost${local.token}")
    vault                  = coalesce(var.names.vault, "kv-gatepost-${local.token}")
    system_topic           = coalesce(var.names.system_topic, "evgst-gatepost-${local.token}")
    plan                   = coalesce(var.names.plan, "plan-gatepost-${local.token}")
    app                    = coalesce(var.names.app, "func-gatepost-${local.token}")
    action_group           = coalesce(var.names.action_group, "ag-gatepost-${local.token}")
    virtual_network        = coalesce(var.names.virtual_network, "vnet-gatepost-${local.token}")
    nat_gateway            = coalesce(var.names.nat_gateway, "ng-gatepost-${local.token}")
    public_ip_address      = coalesce(var.names.public_ip_address, "pip-gatepost-${local.token}")
    network_security_group = coalesce(var.names.network_security_group, "nsg-gatepost-${local.token}")
  }

  # By ID: Terraform looks a name up at the scope, and the scope of one secret need not exist yet.
  role_definitions = "/subscriptions/${local.subscription_id}/providers/Microsoft.Authorization/roleDefinitions"
  roles = {
    storage_blob_data_reader             = "${local.role_definitions}/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
    storage_blob_data_contributor        = "${local.role_definitions}/ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    storage_blob_data_owner              = "${local.role_definitions}/b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
    storage_queue_data_reader            = "${local.role_definitions}/19e7f393-937e-4f77-808e-94535e297925"
    storage_queue_data_contributor       = "${local.role_definitions}/974c5e8b-45b9-4653-ba55-5f855dd0fb88"
    storage_queue_data_message_sender    = "${local.role_definitions}/c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"
    storage_queue_data_message_processor = "${local.role_definitions}/8a0f0c08-91a1-4084-bc3d-661d67233fed"
    monitoring_metrics_publisher         = "${local.role_definitions}/3913510d-42f4-4e42-8a64-420c390055eb"
  }

  new_group = var.existing_resource_group_name == ""
  group_id  = local.new_group ? azurerm_resource_group.main[0].id : data.azurerm_resource_group.existing[0].id
  group     = local.new_group ? azurerm_resource_group.main[0].name : data.azurerm_resource_group.existing[0].name

  allowed_addresses = [for address in split(",", var.allowed_ip_addresses) : trimspace(address) if trimspace(address) != ""]
}

data "azurerm_resource_group" "existing" {
  count = local.new_group ? 0 : 1

  name = var.existing_resource_group_name
}

resource "azurerm_resource_group" "main" {
  count = local.new_group ? 1 : 0

  name     = local.names.resource_group
  location = var.location
  tags     = local.tags
}

# The app's one identity, for blobs, queue, vault and telemetry. It is made first, so that every role can be given
# before the app starts.
resource "azurerm_user_assigned_identity" "app" {
  name                = local.names.identity
  resource_group_name = local.group
  location            = var.location
  tags                = local.tags
}
