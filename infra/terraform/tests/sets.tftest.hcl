# Each set of parameters that infra/bicep/snapshots has, as Terraform comes to it. `make infra` keeps what these runs plan
# in infra/terraform/plans; tests hold it against Bicep's snapshots. Each run begins with nothing (`state_key`, Terraform
# 1.11). IDs end in what they are, so that roles can be told apart.
mock_provider "time" {}

mock_provider "azurerm" {
  mock_resource "azurerm_user_assigned_identity" {
    defaults = {
      id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id"
      client_id    = "00000000-0000-0000-0000-00000000000a"
      principal_id = "00000000-0000-0000-0000-00000000000b"
    }
  }

  mock_resource "azurerm_key_vault" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.KeyVault/vaults/vault"
    }
  }

  mock_resource "azurerm_application_insights" {
    defaults = {
      id                = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Insights/components/insights"
      connection_string = "ConnectionString"
    }
  }

  mock_resource "azurerm_monitor_action_group" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Insights/actionGroups/people"
    }
  }

  mock_resource "azurerm_eventgrid_system_topic" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.EventGrid/systemTopics/topic"
      identity = {
        type         = "SystemAssigned"
        identity_ids = []
        principal_id = "00000000-0000-0000-0000-00000000000c"
        tenant_id    = "00000000-0000-0000-0000-000000000002"
      }
    }
  }

  mock_resource "azurerm_public_ip" {
    defaults = {
      id         = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Network/publicIPAddresses/address"
      ip_address = "203.0.113.9"
    }
  }

  mock_resource "azurerm_nat_gateway" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Network/natGateways/gateway"
    }
  }

  mock_resource "azurerm_network_security_group" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Network/networkSecurityGroups/security-group"
    }
  }

  mock_resource "azurerm_virtual_network" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Network/virtualNetworks/vnet"
    }
  }

  override_resource {
    target = azurerm_private_dns_zone.zones["blob"]
    values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Network/privateDnsZones/zone-blob" }
  }

  override_resource {
    target = azurerm_private_dns_zone.zones["queue"]
    values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Network/privateDnsZones/zone-queue" }
  }

  override_resource {
    target = azurerm_private_dns_zone.zones["dfs"]
    values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Network/privateDnsZones/zone-dfs" }
  }

  override_resource {
    target = azurerm_private_dns_zone.zones["vault"]
    values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Network/privateDnsZones/zone-vault" }
  }

  override_resource {
    target = azurerm_private_dns_zone.zones["sites"]
    values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Network/privateDnsZones/zone-sites" }
  }

  mock_resource "azurerm_resource_group" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging" }
  }

  override_resource {
    target = azurerm_role_definition.exporter
    values = { role_definition_resource_id = "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/roleDefinitions/00000000-0000-0000-0000-0000000000d1" }
  }

  override_resource {
    target = azurerm_role_definition.secret_setter
    values = { role_definition_resource_id = "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/roleDefinitions/00000000-0000-0000-0000-0000000000d2" }
  }

  mock_data "azurerm_resource_group" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-theirs" }
  }

  mock_data "azurerm_client_config" {
    defaults = {
      subscription_id = "00000000-0000-0000-0000-000000000001"
      tenant_id       = "00000000-0000-0000-0000-000000000002"
    }
  }

  mock_data "azurerm_eventgrid_system_topic" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.EventGrid/systemTopics/theirs"
      identity = [{
        type         = "SystemAssigned"
        identity_ids = []
        principal_id = "00000000-0000-0000-0000-00000000000c"
        tenant_id    = "00000000-0000-0000-0000-000000000002"
      }]
    }
  }

  override_resource {
    target = azurerm_storage_container.exports
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Storage/storageAccounts/data/blobServices/default/containers/badging-exports"
    }
  }

  override_resource {
    target = azurerm_storage_container.results
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Storage/storageAccounts/data/blobServices/default/containers/badging-results"
    }
  }

  override_resource {
    target = azurerm_storage_container.state
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Storage/storageAccounts/data/blobServices/default/containers/gatepost-state"
    }
  }

  override_resource {
    target = azurerm_storage_container.sources
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Storage/storageAccounts/data/blobServices/default/containers/gatepost-sources"
    }
  }

  override_resource {
    target = azurerm_storage_container.dead_letters
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Storage/storageAccounts/data/blobServices/default/containers/dead-letters"
    }
  }

  override_resource {
    target = azurerm_storage_container.package
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Storage/storageAccounts/host/blobServices/default/containers/app-package"
    }
  }

  override_resource {
    target = azurerm_storage_queue.queue
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Storage/storageAccounts/data/queueServices/default/queues/badging-exports"
    }
  }

  override_resource {
    target = azurerm_storage_queue.poison_queue
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Storage/storageAccounts/data/queueServices/default/queues/badging-exports-poison"
    }
  }

  override_resource {
    target = azurerm_subnet.app
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Network/virtualNetworks/vnet/subnets/app"
    }
  }

  override_resource {
    target = azurerm_subnet.endpoints
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Network/virtualNetworks/vnet/subnets/endpoints"
    }
  }
}

mock_provider "azapi" {
  override_resource {
    target = azapi_resource.data_account
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Storage/storageAccounts/data"
      output = {
        blob  = "https://data.blob.core.windows.net/"
        queue = "https://data.queue.core.windows.net/"
      }
    }
  }

  override_resource {
    target = azapi_resource.host_account
    values = {
      id     = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Storage/storageAccounts/host"
      output = { blob = "https://host.blob.core.windows.net/" }
    }
  }

  override_resource {
    target = azapi_resource.workspace
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.OperationalInsights/workspaces/workspace"
    }
  }

  override_resource {
    target = azapi_resource.plan
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Web/serverfarms/plan"
    }
  }

  override_resource {
    target = azapi_resource.app
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging/providers/Microsoft.Web/sites/app"
    }
  }
}

run "plain" {
  state_key = "plain"

  variables {
    environment_name    = "badging"
    location            = "westeurope"
    connector_tenant_id = "00000000-0000-0000-0000-000000000003"
    connector_app_id    = "00000000-0000-0000-0000-000000000004"
    connector_job_id    = "00000000-0000-0000-0000-000000000005"
    alert_email         = "badging-operators@example.com"
    exporter_object_id  = "00000000-0000-0000-0000-0000000000e1"
    readers_object_id   = "00000000-0000-0000-0000-0000000000e2"
    operators_object_id = "00000000-0000-0000-0000-0000000000e3"
  }
}

run "private_network" {
  state_key = "private_network"

  variables {
    environment_name          = "badging"
    location                  = "westeurope"
    connector_tenant_id       = "00000000-0000-0000-0000-000000000003"
    connector_app_id          = "00000000-0000-0000-0000-000000000004"
    connector_job_id          = "00000000-0000-0000-0000-000000000005"
    private_networking        = true
    app_public_network_access = "Disabled"
    allowed_ip_addresses      = "203.0.113.7, 198.51.100.0/24,"
    zone_redundant            = true
    locked                    = true
    retry_days                = 30
    export_retention_days     = 40
    outcome_retention_days    = 70
  }
}

run "existing_network" {
  state_key = "existing_network"

  override_resource {
    target = azurerm_resource_group.main
    values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-corp-badging" }
  }

  variables {
    environment_name             = "badging"
    location                     = "westeurope"
    connector_tenant_id          = "00000000-0000-0000-0000-000000000003"
    connector_app_id             = "00000000-0000-0000-0000-000000000004"
    connector_job_id             = "00000000-0000-0000-0000-000000000005"
    private_networking           = true
    existing_app_subnet_id       = "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub/subnets/functions"
    existing_endpoints_subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub/subnets/endpoints"
    existing_dns_zones_group_id  = "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-dns"
    infrastructure_encryption    = true
    data_public_network_access   = "SecuredByPerimeter"
    tags = {
      costCentre = "4711"
      owner      = "badging"
    }
    names = {
      resource_group = "rg-corp-badging"
      app            = "func-corp-badging"
      data_account   = "stcorpbadging"
      vault          = "kv-corp-badging"
    }
    exporter_object_id  = "00000000-0000-0000-0000-0000000000e1"
    readers_object_id   = "00000000-0000-0000-0000-0000000000e2"
    operators_object_id = "00000000-0000-0000-0000-0000000000e3"
  }
}

run "sftp" {
  state_key = "sftp"

  variables {
    environment_name    = "badging"
    location            = "westeurope"
    connector_tenant_id = "00000000-0000-0000-0000-000000000003"
    connector_app_id    = "00000000-0000-0000-0000-000000000004"
    connector_job_id    = "00000000-0000-0000-0000-000000000005"
    sftp_enabled        = true
    sftp_public_key     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExample exporter@example.com"
    private_networking  = true
  }
}

run "existing_resources" {
  state_key = "existing_resources"

  variables {
    environment_name           = "badging"
    location                   = "westeurope"
    connector_tenant_id        = "00000000-0000-0000-0000-000000000003"
    connector_app_id           = "00000000-0000-0000-0000-000000000004"
    connector_job_id           = "00000000-0000-0000-0000-000000000005"
    existing_workspace_id      = "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/log-theirs"
    existing_vault_id          = "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-theirs"
    existing_system_topic_name = "theirs"
    existing_action_group_id   = "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-alerts/providers/Microsoft.Insights/actionGroups/ag-theirs"
    connector_credential       = "certificate"
    people_from_entra          = true
    exporter_object_id         = "00000000-0000-0000-0000-0000000000e1"
    readers_object_id          = "00000000-0000-0000-0000-0000000000e2"
    operators_object_id        = "00000000-0000-0000-0000-0000000000e3"
  }
}

run "resource_group" {
  state_key = "resource_group"

  variables {
    existing_resource_group_name = "rg-theirs"
    register_providers           = false
    environment_name             = "badging"
    location                     = "westeurope"
    connector_tenant_id          = "00000000-0000-0000-0000-000000000003"
    connector_app_id             = "00000000-0000-0000-0000-000000000004"
    connector_job_id             = "00000000-0000-0000-0000-000000000005"
    connector_credential         = "federated"
    operators_object_id          = "00000000-0000-0000-0000-0000000000e3"
    no_records_hours             = 0
    daily_notice                 = true
  }
}

run "without_secret" {
  state_key = "without_secret"

  variables {
    environment_name     = "badging"
    location             = "westeurope"
    connector_tenant_id  = "00000000-0000-0000-0000-000000000003"
    connector_app_id     = "00000000-0000-0000-0000-000000000004"
    connector_job_id     = "00000000-0000-0000-0000-000000000005"
    connector_credential = "federated"
    alert_email          = "badging-operators@example.com"
    exporter_object_id   = "00000000-0000-0000-0000-0000000000e1"
    readers_object_id    = "00000000-0000-0000-0000-0000000000e2"
    operators_object_id  = "00000000-0000-0000-0000-0000000000e3"
  }
}
