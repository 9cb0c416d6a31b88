# The data account: exports, outcomes and ledgers. Every caller has an identity.

locals {
  recoverable_days = 30 # versions and soft-deleted blobs
  report_days      = 30 # the report is written anew every day

  # Kept for ever: sources, and of the state what is no event of anybody: lease/, keys/, folders/, sweeps/, values/, remaps/ (which the sweep clears).
  kept = [
    { name = "exports", prefix = "${azurerm_storage_container.exports.name}/", days = var.export_retention_days },
    { name = "rejected", prefix = "${azurerm_storage_container.results.name}/rejected/", days = max(var.retry_days, var.remap_days) + 30 },
    { name = "outcomes", prefix = "${azurerm_storage_container.results.name}/outcomes/", days = var.outcome_retention_days },
    { name = "reports", prefix = "${azurerm_storage_container.results.name}/reports/", days = local.report_days },
    { name = "ledgers", prefix = "${azurerm_storage_container.state.name}/ledger/", days = var.outcome_retention_days },
    { name = "plans", prefix = "${azurerm_storage_container.state.name}/plans/", days = var.outcome_retention_days },
    { name = "open-files", prefix = "${azurerm_storage_container.state.name}/open/", days = max(var.repeat_days, var.retry_days) + 2 },
    { name = "event-runs", prefix = "${azurerm_storage_container.state.name}/events/", days = var.repeat_days + 2 },
    { name = "resend-runs", prefix = "${azurerm_storage_container.state.name}/resends/", days = var.retry_days + 2 },
    { name = "dead-letters", prefix = "${azurerm_storage_container.dead_letters.name}/", days = var.export_retention_days },
  ]
}

# azapi, because azurerm asks for the account's keys and keeps them in the state, although they are switched off.
resource "azapi_resource" "data_account" {
  type      = "Microsoft.Storage/storageAccounts@2025-01-01"
  name      = local.names.data_account
  parent_id = local.group_id
  location  = var.location
  tags      = local.tags

  body = {
    kind = "StorageV2"
    sku  = { name = var.storage_sku }
    properties = {
      accessTier                   = "Hot"
      allowBlobPublicAccess        = false
      allowSharedKeyAccess         = false
      allowCrossTenantReplication  = false
      defaultToOAuthAuthentication = true
      minimumTlsVersion            = "TLS1_2"
      supportsHttpsTrafficOnly     = true
      encryption = {
        keySource                       = "Microsoft.Storage"
        requireInfrastructureEncryption = var.infrastructure_encryption
        services                        = { blob = { enabled = true }, file = { enabled = true } }
      }
      isHnsEnabled       = var.sftp_enabled # SFTP needs the hierarchical namespace, which cannot be switched on or off later
      isSftpEnabled      = var.sftp_enabled
      isLocalUserEnabled = var.sftp_enabled
      # Not "Disabled" behind a firewall by itself: Event Grid delivers as a trusted service, through the public endpoint.
      publicNetworkAccess = var.data_public_network_access
      networkAcls = {
        bypass        = "AzureServices"
        defaultAction = var.private_networking ? "Deny" : "Allow"
        ipRules       = [for address in local.allowed_addresses : { value = address, action = "Allow" } if var.private_networking]
      }
    }
  }

  response_export_values = {
    blob  = "properties.primaryEndpoints.blob"
    queue = "properties.primaryEndpoints.queue"
  }
}

resource "azapi_update_resource" "data_blobs" {
  type      = "Microsoft.Storage/storageAccounts/blobServices@2025-01-01"
  name      = "default"
  parent_id = azapi_resource.data_account.id

  body = {
    properties = {
      isVersioningEnabled            = !var.sftp_enabled # an account with a hierarchical namespace cannot keep versions
      deleteRetentionPolicy          = { enabled = true, days = local.recoverable_days }
      containerDeleteRetentionPolicy = { enabled = true, days = local.recoverable_days }
    }
  }

  response_export_values = []
}

resource "azurerm_storage_container" "exports" {
  name               = "badging-exports"
  storage_account_id = azapi_resource.data_account.id
}

resource "azurerm_storage_container" "results" {
  name               = "badging-results"
  storage_account_id = azapi_resource.data_account.id
}

resource "azurerm_storage_container" "state" {
  name               = "gatepost-state"
  storage_account_id = azapi_resource.data_account.id
}

resource "azurerm_storage_container" "sources" {
  name               = "gatepost-sources"
  storage_account_id = azapi_resource.data_account.id
}

resource "azurerm_storage_container" "dead_letters" {
  name               = "dead-letters"
  storage_account_id = azapi_resource.data_account.id
}

resource "azurerm_storage_queue" "queue" {
  name               = "badging-exports"
  storage_account_id = azapi_resource.data_account.id
}

# The host moves a message here after five failed tries; it is made now, so that nobody needs the right to make queues.
resource "azurerm_storage_queue" "poison_queue" {
  name               = "badging-exports-poison"
  storage_account_id = azapi_resource.data_account.id
}

# --- how long things are kept -------------------------------------------------------------------------------------------

resource "azurerm_storage_management_policy" "retention" {
  storage_account_id = azapi_resource.data_account.id

  dynamic "rule" {
    for_each = local.kept

    content {
      name    = "delete-${rule.value.name}"
      enabled = true

      filters {
        blob_types   = ["blockBlob", "appendBlob"]
        prefix_match = [rule.value.prefix]
      }

      actions {
        base_blob {
          delete_after_days_since_modification_greater_than = rule.value.days
        }
      }
    }
  }

  # Of everything, also of what is kept for ever: ledgers and people files are overwritten often.
  dynamic "rule" {
    for_each = var.sftp_enabled ? [] : [local.recoverable_days]

    content {
      name    = "delete-old-versions"
      enabled = true

      filters {
        blob_types = ["blockBlob", "appendBlob"]
      }

      actions {
        version {
          delete_after_days_since_creation = rule.value
        }
      }
    }
  }

  depends_on = [azapi_update_resource.data_blobs]
}

# --- who may do what ----------------------------------------------------------------------------------------------------

# The app: to read an export twice and list exports in the sweep. It never changes or deletes one.
resource "azurerm_role_assignment" "app_reads_exports" {
  scope              = azurerm_storage_container.exports.id
  role_definition_id = local.roles.storage_blob_data_reader
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
}

# The app: to read source profiles and people files; to write the people file only if it refreshes it from Entra ID.
resource "azurerm_role_assignment" "app_reads_sources" {
  scope              = azurerm_storage_container.sources.id
  role_definition_id = var.people_from_entra ? local.roles.storage_blob_data_contributor : local.roles.storage_blob_data_reader
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
}

# The app: to write outcomes and rejected records.
resource "azurerm_role_assignment" "app_writes_results" {
  scope              = azurerm_storage_container.results.id
  role_definition_id = local.roles.storage_blob_data_contributor
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
}

# The app, and nobody else: to read and write ledgers and the index of events, and to hold its lease.
resource "azurerm_role_assignment" "app_writes_state" {
  scope              = azurerm_storage_container.state.id
  role_definition_id = local.roles.storage_blob_data_contributor
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
}

# The host: to take and delete messages. The app: to requeue an export, and to queue what the sweep found.
resource "azurerm_role_assignment" "app_works_queue" {
  scope              = azurerm_storage_queue.queue.id
  role_definition_id = local.roles.storage_queue_data_contributor
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
}

# The host: to move a message here that failed five times.
resource "azurerm_role_assignment" "app_works_poison_queue" {
  scope              = azurerm_storage_queue.poison_queue.id
  role_definition_id = local.roles.storage_queue_data_contributor
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
}

# No built-in role lets an identity write blobs without reading and deleting them as well.
resource "azurerm_role_definition" "exporter" {
  count = var.exporter_object_id == "" && var.operators_object_id == "" ? 0 : 1

  name        = "Gatepost exporter ${local.names.data_account}"
  scope       = local.group_id
  description = "Create and write blobs, nothing else: neither list, read nor delete."

  permissions {
    data_actions = [
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    ]
  }

  assignable_scopes = [local.group_id]
}

# The badging system: to upload exports, and nothing else.
resource "azurerm_role_assignment" "exporter_writes_exports" {
  count = var.exporter_object_id == "" ? 0 : 1

  scope              = azurerm_storage_container.exports.id
  role_definition_id = azurerm_role_definition.exporter[0].role_definition_resource_id
  principal_id       = var.exporter_object_id
}

# Badge administrators and auditors: to see what became of an export, and to fetch rejected records.
resource "azurerm_role_assignment" "readers_read_results" {
  count = var.readers_object_id == "" ? 0 : 1

  scope              = azurerm_storage_container.results.id
  role_definition_id = local.roles.storage_blob_data_reader
  principal_id       = var.readers_object_id
}

# Operators: to upload exports and corrected files, and to restore a deleted one.
resource "azurerm_role_assignment" "operators_write_exports" {
  count = var.operators_object_id == "" || var.operators_object_id == var.exporter_object_id ? 0 : 1

  scope              = azurerm_storage_container.exports.id
  role_definition_id = azurerm_role_definition.exporter[0].role_definition_resource_id
  principal_id       = var.operators_object_id
}

# Operators: to read and list exports, which the commands upload, retry and check do too.
resource "azurerm_role_assignment" "operators_read_exports" {
  count = var.operators_object_id == "" ? 0 : 1

  scope              = azurerm_storage_container.exports.id
  role_definition_id = local.roles.storage_blob_data_reader
  principal_id       = var.operators_object_id
}

# Operators: to see what became of an export, and to fetch rejected records.
resource "azurerm_role_assignment" "operators_read_results" {
  count = var.operators_object_id == "" || var.operators_object_id == var.readers_object_id ? 0 : 1

  scope              = azurerm_storage_container.results.id
  role_definition_id = local.roles.storage_blob_data_reader
  principal_id       = var.operators_object_id
}

# Operators: to put source profiles and people files there, and to correct them.
resource "azurerm_role_assignment" "operators_write_sources" {
  count = var.operators_object_id == "" ? 0 : 1

  scope              = azurerm_storage_container.sources.id
  role_definition_id = local.roles.storage_blob_data_contributor
  principal_id       = var.operators_object_id
}

# Operators: to see how many messages wait.
resource "azurerm_role_assignment" "operators_read_queue" {
  count = var.operators_object_id == "" ? 0 : 1

  scope              = azurerm_storage_queue.queue.id
  role_definition_id = local.roles.storage_queue_data_reader
  principal_id       = var.operators_object_id
}

# Operators: to see whether the poison queue is empty.
resource "azurerm_role_assignment" "operators_read_poison_queue" {
  count = var.operators_object_id == "" ? 0 : 1

  scope              = azurerm_storage_queue.poison_queue.id
  role_definition_id = local.roles.storage_queue_data_reader
  principal_id       = var.operators_object_id
}

# Operators: to ask for something: retry, resend, give-up and sweep are messages.
resource "azurerm_role_assignment" "operators_send_messages" {
  count = var.operators_object_id == "" ? 0 : 1

  scope              = azurerm_storage_queue.queue.id
  role_definition_id = local.roles.storage_queue_data_message_sender
  principal_id       = var.operators_object_id
}

# Operators: to look at a poison message and take it away once its cause is fixed.
resource "azurerm_role_assignment" "operators_empty_poison_queue" {
  count = var.operators_object_id == "" ? 0 : 1

  scope              = azurerm_storage_queue.poison_queue.id
  role_definition_id = local.roles.storage_queue_data_message_processor
  principal_id       = var.operators_object_id
}

# Operators: to see which events Event Grid could not deliver.
resource "azurerm_role_assignment" "operators_read_dead_letters" {
  count = var.operators_object_id == "" ? 0 : 1

  scope              = azurerm_storage_container.dead_letters.id
  role_definition_id = local.roles.storage_blob_data_reader
  principal_id       = var.operators_object_id
}

# --- SFTP, and who did what ---------------------------------------------------------------------------------------------

# Signs in with a key pair only; may create and write, as the exporter's identity may.
resource "azapi_resource" "sftp_user" {
  count = var.sftp_enabled && var.sftp_public_key != "" ? 1 : 0

  type      = "Microsoft.Storage/storageAccounts/localUsers@2025-01-01"
  name      = "exporter"
  parent_id = azapi_resource.data_account.id

  body = {
    properties = {
      hasSharedKey      = false
      hasSshKey         = true
      hasSshPassword    = false
      homeDirectory     = azurerm_storage_container.exports.name
      permissionScopes  = [{ permissions = "cw", service = "blob", resourceName = azurerm_storage_container.exports.name }]
      sshAuthorizedKeys = [{ description = "exporter", key = var.sftp_public_key }]
    }
  }

  response_export_values = []
}

# Exports are personal data: who read, wrote or deleted what.
resource "azurerm_monitor_diagnostic_setting" "blob_audit" {
  name                       = "audit"
  target_resource_id         = "${azapi_resource.data_account.id}/blobServices/default"
  log_analytics_workspace_id = local.workspace_id

  dynamic "enabled_log" {
    for_each = ["StorageRead", "StorageWrite", "StorageDelete"]

    content {
      category = enabled_log.value
    }
  }
}

# Messages are how operators ask for things: who put or took one. No reads: the host looks at the queue every few seconds.
resource "azurerm_monitor_diagnostic_setting" "queue_audit" {
  name                       = "audit"
  target_resource_id         = "${azapi_resource.data_account.id}/queueServices/default"
  log_analytics_workspace_id = local.workspace_id

  dynamic "enabled_log" {
    for_each = ["StorageWrite", "StorageDelete"]

    content {
      category = enabled_log.value
    }
  }
}

# Against deletion by mistake. Role assignments below it cannot be deleted either while it stands.
resource "azurerm_management_lock" "data_lock" {
  count = var.locked ? 1 : 0

  name       = "gatepost"
  scope      = azapi_resource.data_account.id
  lock_level = "CanNotDelete"
  notes      = "Holds exports, outcomes and the ledgers that stop repeats."

  # Made last and removed first: nothing below a lock can be deleted.
  depends_on = [
    azapi_resource.sftp_user,
    azapi_update_resource.data_blobs,
    azurerm_monitor_diagnostic_setting.blob_audit,
    azurerm_monitor_diagnostic_setting.queue_audit,
    azurerm_private_endpoint.endpoints,
    azurerm_role_assignment.app_reads_exports,
    azurerm_role_assignment.app_reads_sources,
    azurerm_role_assignment.app_works_poison_queue,
    azurerm_role_assignment.app_works_queue,
    azurerm_role_assignment.app_writes_results,
    azurerm_role_assignment.app_writes_state,
    azurerm_role_assignment.exporter_writes_exports,
    azurerm_role_assignment.operators_empty_poison_queue,
    azurerm_role_assignment.operators_read_dead_letters,
    azurerm_role_assignment.operators_read_exports,
    azurerm_role_assignment.operators_read_poison_queue,
    azurerm_role_assignment.operators_read_queue,
    azurerm_role_assignment.operators_read_results,
    azurerm_role_assignment.operators_send_messages,
    azurerm_role_assignment.operators_write_exports,
    azurerm_role_assignment.operators_write_sources,
    azurerm_role_assignment.readers_read_results,
    azurerm_role_assignment.topic_sends_messages,
    azurerm_role_assignment.topic_writes_dead_letters,
    azurerm_storage_container.sources,
    azurerm_storage_management_policy.retention,
  ]
}
