# What the stack comes to with given variables, without Azure: providers are mocked. A mocked resource has random text
# for an ID; where another resource checks the form of an ID, the mock must give one.
mock_provider "azurerm" {
  mock_resource "azurerm_resource_group" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test" }
  }

  mock_resource "azurerm_user_assigned_identity" {
    defaults = {
      id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-test"
      client_id    = "00000000-0000-0000-0000-00000000000a"
      principal_id = "00000000-0000-0000-0000-00000000000b"
    }
  }

  mock_resource "azurerm_key_vault" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.KeyVault/vaults/kv-test" }
  }

  mock_resource "azurerm_application_insights" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Insights/components/appi-test" }
  }

  mock_resource "azurerm_monitor_action_group" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Insights/actionGroups/ag-test" }
  }

  mock_resource "azurerm_storage_container" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Storage/storageAccounts/sttest/blobServices/default/containers/mocked" }
  }

  mock_resource "azurerm_storage_queue" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Storage/storageAccounts/sttest/queueServices/default/queues/mocked" }
  }

  mock_resource "azurerm_eventgrid_system_topic" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.EventGrid/systemTopics/evgst-test" }
  }

  mock_resource "azurerm_public_ip" {
    defaults = {
      id         = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Network/publicIPAddresses/pip-test"
      ip_address = "203.0.113.9"
    }
  }

  mock_resource "azurerm_nat_gateway" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Network/natGateways/ng-test" }
  }

  mock_resource "azurerm_network_security_group" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Network/networkSecurityGroups/nsg-test" }
  }

  mock_resource "azurerm_virtual_network" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Network/virtualNetworks/vnet-test" }
  }

  mock_resource "azurerm_subnet" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Network/virtualNetworks/vnet-test/subnets/mocked" }
  }

  mock_resource "azurerm_private_dns_zone" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Network/privateDnsZones/privatelink.test" }
  }

  mock_resource "azurerm_role_definition" {
    defaults = { role_definition_resource_id = "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/roleDefinitions/00000000-0000-0000-0000-00000000000d" }
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
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.EventGrid/systemTopics/theirs"
      identity = [{
        type         = "SystemAssigned"
        identity_ids = []
        principal_id = "00000000-0000-0000-0000-00000000000c"
        tenant_id    = "00000000-0000-0000-0000-000000000002"
      }]
    }
  }
}

mock_provider "time" {}

mock_provider "azapi" {
  override_resource {
    target = azapi_resource.data_account
    values = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Storage/storageAccounts/stdata"
      output = {
        blob  = "https://stdata.blob.core.windows.net/"
        queue = "https://stdata.queue.core.windows.net/"
      }
    }
  }

  override_resource {
    target = azapi_resource.host_account
    values = {
      id     = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Storage/storageAccounts/sthost"
      output = { blob = "https://sthost.blob.core.windows.net/" }
    }
  }

  override_resource {
    target = azapi_resource.workspace
    values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.OperationalInsights/workspaces/log-test" }
  }

  override_resource {
    target = azapi_resource.plan
    values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Web/serverfarms/plan-test" }
  }

  override_resource {
    target = azapi_resource.app
    values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers/Microsoft.Web/sites/func-test" }
  }
}

variables {
  environment_name    = "test"
  location            = "westeurope"
  connector_tenant_id = "00000000-0000-0000-0000-000000000003"
  connector_app_id    = "00000000-0000-0000-0000-000000000004"
  connector_job_id    = "00000000-0000-0000-0000-000000000005"
}

run "as_it_comes" {
  assert {
    condition     = azurerm_eventgrid_system_topic_event_subscription.exports.subject_filter[0].subject_begins_with == "/blobServices/default/containers/badging-exports/blobs/"
    error_message = "The subject filter must end in /blobs/, or containers of similar names match too."
  }

  assert {
    condition     = azurerm_eventgrid_system_topic_event_subscription.exports.storage_queue_endpoint[0].queue_name == local.settings.EXPORTS_QUEUE
    error_message = "Events must go to the queue that the function listens to."
  }

  assert {
    condition     = azurerm_eventgrid_system_topic_event_subscription.exports.storage_queue_endpoint[0].queue_message_time_to_live_in_seconds == -1
    error_message = "A message must never expire."
  }

  assert {
    condition     = !contains([for setting in azapi_resource.app.body.properties.siteConfig.appSettings : setting.name], "AzureWebJobsStorage")
    error_message = "AzureWebJobsStorage must only be given in its identity-based form."
  }

  assert {
    condition     = alltrue([for account in [azapi_resource.data_account, azapi_resource.host_account] : !account.body.properties.allowSharedKeyAccess && !account.body.properties.allowBlobPublicAccess])
    error_message = "Neither shared keys nor public blobs."
  }

  assert {
    condition     = azurerm_role_assignment.app_reads_secret[0].scope == "${azurerm_key_vault.main[0].id}/secrets/badging-app-secret"
    error_message = "The app reads one secret, not the vault."
  }

  assert {
    condition     = length(azurerm_role_assignment.readers_read_results) + length(azurerm_role_assignment.operators_send_messages) + length(azurerm_role_assignment.exporter_writes_exports) == 0
    error_message = "Nobody gets a role who was not named."
  }

  assert {
    condition     = length(azurerm_private_endpoint.endpoints) == 0 && azapi_resource.data_account.body.properties.networkAcls.defaultAction == "Allow"
    error_message = "Private networking is off unless asked for."
  }

  assert {
    condition     = length(azurerm_monitor_scheduled_query_rules_alert_v2.log_alerts) == 13 && length(azurerm_monitor_metric_alert.metric_alerts) == 3
    error_message = "All alerts are made."
  }
}

run "everything_is_kept_as_long_as_it_is_needed" {
  variables {
    retry_days             = 120
    remap_days             = 200
    repeat_days            = 10
    export_retention_days  = 207
    outcome_retention_days = 237
  }

  assert {
    condition = { for rule in local.kept : rule.name => rule.days } == {
      exports      = 207
      rejected     = 230
      outcomes     = 237
      reports      = 30
      ledgers      = 237
      plans        = 237
      open-files   = 122
      event-runs   = 12
      resend-runs  = 122
      dead-letters = 207
    }
    error_message = "Retention follows from the times that the app needs."
  }
}

run "sftp_keeps_no_versions" {
  variables {
    sftp_enabled    = true
    sftp_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExample exporter@example.com"
  }

  assert {
    condition     = azapi_resource.data_account.body.properties.isHnsEnabled && !azapi_update_resource.data_blobs.body.properties.isVersioningEnabled
    error_message = "An account with a hierarchical namespace cannot keep versions."
  }

  assert {
    condition     = alltrue([for rule in azurerm_storage_management_policy.retention.rule : length(rule.actions[0].version) == 0]) && length(azurerm_storage_management_policy.retention.rule) == 10
    error_message = "Its lifecycle rules must not speak of versions."
  }

  assert {
    condition     = azapi_resource.sftp_user[0].body.properties.permissionScopes[0].permissions == "cw" && !azapi_resource.sftp_user[0].body.properties.hasSshPassword
    error_message = "The SFTP user creates and writes, with a key pair."
  }
}

run "private" {
  variables {
    private_networking   = true
    allowed_ip_addresses = "203.0.113.7, 198.51.100.0/24"
    sftp_enabled         = true
  }

  assert {
    condition     = length(azurerm_private_endpoint.endpoints) == 5 && length(azurerm_private_dns_zone.zones) == 4
    error_message = "Storage and vault are reached privately."
  }

  assert {
    condition     = azapi_resource.data_account.body.properties.networkAcls.defaultAction == "Deny" && azapi_resource.data_account.body.properties.networkAcls.bypass == "AzureServices"
    error_message = "The data account lets in trusted services only, which Event Grid is."
  }

  assert {
    condition     = [for rule in azapi_resource.data_account.body.properties.networkAcls.ipRules : rule.value] == ["203.0.113.7", "198.51.100.0/24"]
    error_message = "The named addresses still get in."
  }

  assert {
    condition     = azapi_resource.host_account.body.properties.publicNetworkAccess == "Disabled"
    error_message = "Nobody outside needs the host's account."
  }

  assert {
    condition     = azapi_resource.app.body.properties.virtualNetworkSubnetId == azurerm_subnet.app[0].id && output.OUTBOUND_IP_ADDRESS == "203.0.113.9"
    error_message = "The app calls out through the network, by one known address."
  }
}

run "what_is_there_already" {
  variables {
    existing_workspace_id      = "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/log-theirs"
    existing_vault_id          = "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-theirs"
    existing_system_topic_name = "theirs"
  }

  assert {
    condition     = length(azapi_resource.workspace) + length(azurerm_key_vault.main) + length(azurerm_eventgrid_system_topic.main) == 0
    error_message = "What is there already is not made again."
  }

  assert {
    condition     = local.settings.KEY_VAULT_URI == "https://kv-theirs.vault.azure.net" && azurerm_role_assignment.app_reads_secret[0].scope == "${var.existing_vault_id}/secrets/badging-app-secret"
    error_message = "The app reads its one secret in the existing vault."
  }

  assert {
    condition     = azurerm_application_insights.main.workspace_id == var.existing_workspace_id
    error_message = "Telemetry goes to the existing workspace."
  }
}

run "people" {
  variables {
    exporter_object_id  = "00000000-0000-0000-0000-0000000000e1"
    readers_object_id   = "00000000-0000-0000-0000-0000000000e2"
    operators_object_id = "00000000-0000-0000-0000-0000000000e2"
  }

  assert {
    condition     = length(azurerm_role_assignment.readers_read_results) == 1 && length(azurerm_role_assignment.operators_read_results) == 0
    error_message = "One group that is both gets the role once: Azure refuses a second assignment."
  }

  assert {
    condition     = length(azurerm_role_assignment.exporter_writes_exports) == 1 && length(azurerm_role_assignment.operators_write_exports) == 1
    error_message = "The badging system and the operators may both drop exports."
  }

  assert {
    condition     = length([for permission in azurerm_role_definition.exporter[0].permissions[0].data_actions : permission if endswith(permission, "/read") || endswith(permission, "/delete")]) == 0
    error_message = "The exporter neither reads nor deletes."
  }
}

run "quiet_at_weekends" {
  variables {
    no_records_hours = 0
  }

  assert {
    condition     = !azurerm_monitor_scheduled_query_rules_alert_v2.log_alerts["no-records-sent"].enabled
    error_message = "0 switches the alert off."
  }

  assert {
    condition     = !azurerm_monitor_scheduled_query_rules_alert_v2.log_alerts["daily-notice"].enabled
    error_message = "Nobody gets a sentence a day unasked."
  }
}

run "in_a_group_that_is_there" {
  variables {
    existing_resource_group_name = "rg-theirs"
    register_providers           = false
  }

  assert {
    condition     = length(azurerm_resource_group.main) == 0 && azurerm_user_assigned_identity.app.resource_group_name == data.azurerm_resource_group.existing[0].name
    error_message = "An owner of one resource group makes no other."
  }
}

run "names_are_bicep_s" {
  variables {
    environment_name = "badging"
    location         = "West Europe"
  }

  assert {
    condition     = local.token == "cde093fc"
    error_message = "Bicep and Terraform must make up the same names, or a change of the way means new accounts."
  }
}

run "the_subscription_waits_for_its_roles" {
  assert {
    condition     = time_sleep.roles_work.create_duration == "180s" && length(time_sleep.roles_work.triggers) == 2
    error_message = "A new role takes minutes to work; Event Grid checks at once."
  }
}

run "what_is_refused" {
  command = plan

  variables {
    connector_cloud        = "mars"
    connector_job_id       = "00000000-0000-0000-0000-00000000000g"
    batch_max_records      = 50001
    environment_name       = "Badging!"
    export_retention_days  = 66
    invocation_seconds     = 2000
    existing_app_subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub/subnets/functions"

    app_public_network_access = "Disabled"
  }

  expect_failures = [
    var.app_public_network_access,
    var.batch_max_records,
    var.connector_cloud,
    var.connector_job_id,
    var.environment_name,
    var.existing_app_subnet_id,
    var.export_retention_days,
    var.invocation_seconds,
  ]
}

run "what_is_refused_for_ledgers" {
  command = plan

  variables {
    export_retention_days  = 67
    outcome_retention_days = 96
  }

  expect_failures = [var.outcome_retention_days]
}
