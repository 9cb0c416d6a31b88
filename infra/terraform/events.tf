# A new blob among the exports becomes a message on the queue. Event Grid delivers with the topic's own identity, so
# there is no key, no inbound endpoint, and nothing to do after the code is deployed. Topic and roles are made early, the
# subscription last.

locals {
  event_subscription_name = "gatepost-exports"
  new_topic               = var.existing_system_topic_name == ""
  topic_name              = local.new_topic ? azurerm_eventgrid_system_topic.main[0].name : data.azurerm_eventgrid_system_topic.existing[0].name
  topic_id                = local.new_topic ? azurerm_eventgrid_system_topic.main[0].id : data.azurerm_eventgrid_system_topic.existing[0].id
  topic_principal_id      = local.new_topic ? azurerm_eventgrid_system_topic.main[0].identity[0].principal_id : data.azurerm_eventgrid_system_topic.existing[0].identity[0].principal_id
}

# Azure allows one system topic for an account: an existing one is used as it is.
data "azurerm_eventgrid_system_topic" "existing" {
  count = local.new_topic ? 0 : 1

  name                = var.existing_system_topic_name
  resource_group_name = local.group
}

resource "azurerm_eventgrid_system_topic" "main" {
  count = local.new_topic ? 1 : 0

  name                = local.names.system_topic
  resource_group_name = local.group
  location            = var.location
  source_resource_id  = azapi_resource.data_account.id
  topic_type          = "Microsoft.Storage.StorageAccounts"
  tags                = local.tags

  identity {
    type = "SystemAssigned" # the only kind that gets past a storage firewall
  }
}

# Event Grid: to put messages on the one queue.
resource "azurerm_role_assignment" "topic_sends_messages" {
  scope              = azurerm_storage_queue.queue.id
  role_definition_id = local.roles.storage_queue_data_message_sender
  principal_id       = local.topic_principal_id
  principal_type     = "ServicePrincipal"
}

# Event Grid: to keep events it cannot deliver within a day.
resource "azurerm_role_assignment" "topic_writes_dead_letters" {
  scope              = azurerm_storage_container.dead_letters.id
  role_definition_id = local.roles.storage_blob_data_contributor
  principal_id       = local.topic_principal_id
  principal_type     = "ServicePrincipal"
}

# A new role takes minutes to work. Nothing is waited for when the roles are there already.
resource "time_sleep" "roles_work" {
  create_duration = "180s"
  triggers = {
    sends  = azurerm_role_assignment.topic_sends_messages.id
    writes = azurerm_role_assignment.topic_writes_dead_letters.id
  }
}

resource "azurerm_eventgrid_system_topic_event_subscription" "exports" {
  name                                 = local.event_subscription_name
  resource_group_name                  = local.group
  system_topic                         = local.topic_name
  event_delivery_schema                = "EventGridSchema"
  included_event_types                 = ["Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobRenamed"]
  advanced_filtering_on_arrays_enabled = true

  subject_filter {
    subject_begins_with = "/blobServices/default/containers/${azurerm_storage_container.exports.name}/blobs/" # ends in /blobs/, or badging-exports-2 would match
  }

  # Each of these ends an upload, or gives it its final name; CreateFile, for one, is only its beginning.
  advanced_filter {
    string_in {
      key    = "data.api"
      values = ["PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose", "SftpCommit", "RenameFile", "SftpRename"]
    }
  }

  storage_queue_endpoint {
    storage_account_id                    = azapi_resource.data_account.id
    queue_name                            = azurerm_storage_queue.queue.name
    queue_message_time_to_live_in_seconds = -1 # never: an export waits as long as the app is down
  }

  delivery_identity {
    type = "SystemAssigned"
  }

  storage_blob_dead_letter_destination {
    storage_account_id          = azapi_resource.data_account.id
    storage_blob_container_name = azurerm_storage_container.dead_letters.name
  }

  dead_letter_identity {
    type = "SystemAssigned"
  }

  retry_policy {
    max_delivery_attempts = 30 # the most Event Grid offers
    event_time_to_live    = 1440
  }

  # Last of all, since Event Grid checks at once that it may write.
  depends_on = [
    azapi_resource.app,
    azurerm_monitor_metric_alert.metric_alerts,
    azurerm_monitor_scheduled_query_rules_alert_v2.log_alerts,
    time_sleep.roles_work,
  ]
}
