# The data account: exports come in, outcomes go out, ledgers are kept. Whoever comes here comes with an identity.

locals {
  kept_days = 30 # versions and soft-deleted blobs

  kept = [
    { name = "exports", prefix = "${azurerm_storage_container.exports.name}/", days = max(var.export_retention_days, var.retry_days + 7) }, # or a Failed export could vanish before it is sent
    { name = "rejected", prefix = "${azurerm_storage_container.results.name}/rejected/", days = var.rejected_retention_days },
    { name = "outcomes", prefix = "${azurerm_storage_container.results.name}/outcomes/", days = var.outcome_retention_days },
    { name = "ledgers", prefix = "${azurerm_storage_container.state.name}/ledger/", days = var.outcome_retention_days },
    { name = "dead-letters", prefix = "${azurerm_storage_container.dead_letters.name}/", days = max(var.export_retention_days, var.retry_days + 7) },
  ]
}

# azapi, because azurerm asks for the account's keys and keeps them in the state, although they are switched off.
resource "azapi_resource" "data_account" {
  type      = "Microsoft.Storage/storageAccounts@2025-01-01"
  name      = "stgatepost${local.token}"
  parent_id = azurerm_resource_group.main.id
  location  = azurerm_resource_group.main.location
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
      isHnsEnabled                 = var.sftp_enabled # SFTP needs the hierarchical namespace, which cannot be switched on or off later
      isSftpEnabled                = var.sftp_enabled
      isLocalUserEnabled           = var.sftp_enabled
      # Not "Disabled" behind a firewall: Event Grid delivers as a trusted service, which needs the public endpoint.
      publicNetworkAccess = "Enabled"
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
      deleteRetentionPolicy          = { enabled = true, days = local.kept_days }
      containerDeleteRetentionPolicy = { enabled = true, days = local.kept_days }
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

        dynamic "version" {
          for_each = var.sftp_enabled ? [] : [local.kept_days]

          content {
            delete_after_days_since_creation = version.value
          }
        }
      }
    }
  }

  depends_on = [azapi_update_resource.data_blobs]
}

# --- who may do what ----------------------------------------------------------------------------------------------------

# The app: to read an export twice and list exports in the sweep. It never changes or deletes one.
resource "azurerm_role_assignment" "app_reads_exports" {
  scope                = azurerm_storage_container.exports.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
  principal_type       = "ServicePrincipal"
}

# The app: to write outcomes and rejected records.
resource "azurerm_role_assignment" "app_writes_results" {
  scope                = azurerm_storage_container.results.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
  principal_type       = "ServicePrincipal"
}

# The app, and nobody else: to write ledgers and hold their leases.
resource "azurerm_role_assignment" "app_writes_state" {
  scope                = azurerm_storage_container.state.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
  principal_type       = "ServicePrincipal"
}

# The host: to take and delete messages. The app: to put back what comes back, and what the sweep found.
resource "azurerm_role_assignment" "app_works_queue" {
  scope                = azurerm_storage_queue.queue.id
  role_definition_name = "Storage Queue Data Contributor"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
  principal_type       = "ServicePrincipal"
}

# The host: to move a message here that failed five times.
resource "azurerm_role_assignment" "app_works_poison_queue" {
  scope                = azurerm_storage_queue.poison_queue.id
  role_definition_name = "Storage Queue Data Contributor"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
  principal_type       = "ServicePrincipal"
}

# No built-in role lets an identity write blobs without reading and deleting them as well.
resource "azurerm_role_definition" "exporter" {
  count = var.exporter_object_id == "" && var.operators_object_id == "" ? 0 : 1

  name        = "Gatepost exporter ${azapi_resource.data_account.name}"
  scope       = azurerm_resource_group.main.id
  description = "Create and write blobs, nothing else: neither list, read nor delete."

  permissions {
    data_actions = [
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    ]
  }

  assignable_scopes = [azurerm_resource_group.main.id]
}

# The badging system: to drop exports, and nothing else.
resource "azurerm_role_assignment" "exporter_writes_exports" {
  count = var.exporter_object_id == "" ? 0 : 1

  scope              = azurerm_storage_container.exports.id
  role_definition_id = azurerm_role_definition.exporter[0].role_definition_resource_id
  principal_id       = var.exporter_object_id
}

# Badge administrators and auditors: to see what became of an export, and to fetch rejected records.
resource "azurerm_role_assignment" "readers_read_results" {
  count = var.readers_object_id == "" ? 0 : 1

  scope                = azurerm_storage_container.results.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = var.readers_object_id
}

# Operators: for gatepost.py drop, and to drop a mended file.
resource "azurerm_role_assignment" "operators_write_exports" {
  count = var.operators_object_id == "" || var.operators_object_id == var.exporter_object_id ? 0 : 1

  scope              = azurerm_storage_container.exports.id
  role_definition_id = azurerm_role_definition.exporter[0].role_definition_resource_id
  principal_id       = var.operators_object_id
}

# Operators: for gatepost.py drop, retry and check, which look at exports.
resource "azurerm_role_assignment" "operators_read_exports" {
  count = var.operators_object_id == "" ? 0 : 1

  scope                = azurerm_storage_container.exports.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = var.operators_object_id
}

# Operators: the same, and for what an alert asks them to look at.
resource "azurerm_role_assignment" "operators_read_results" {
  count = var.operators_object_id == "" || var.operators_object_id == var.readers_object_id ? 0 : 1

  scope                = azurerm_storage_container.results.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = var.operators_object_id
}

# Operators: for gatepost.py check; ledgers hold no personal data.
resource "azurerm_role_assignment" "operators_read_state" {
  count = var.operators_object_id == "" ? 0 : 1

  scope                = azurerm_storage_container.state.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = var.operators_object_id
}

# Operators: to see how many messages wait.
resource "azurerm_role_assignment" "operators_read_queue" {
  count = var.operators_object_id == "" ? 0 : 1

  scope                = azurerm_storage_queue.queue.id
  role_definition_name = "Storage Queue Data Reader"
  principal_id         = var.operators_object_id
}

# Operators: to see whether the poison queue is empty.
resource "azurerm_role_assignment" "operators_read_poison_queue" {
  count = var.operators_object_id == "" ? 0 : 1

  scope                = azurerm_storage_queue.poison_queue.id
  role_definition_name = "Storage Queue Data Reader"
  principal_id         = var.operators_object_id
}

# Operators: for gatepost.py retry and resend, which put a message on the queue.
resource "azurerm_role_assignment" "operators_send_messages" {
  count = var.operators_object_id == "" ? 0 : 1

  scope                = azurerm_storage_queue.queue.id
  role_definition_name = "Storage Queue Data Message Sender"
  principal_id         = var.operators_object_id
}

# Operators: to look at a poison message and take it away once its cause is mended.
resource "azurerm_role_assignment" "operators_empty_poison_queue" {
  count = var.operators_object_id == "" ? 0 : 1

  scope                = azurerm_storage_queue.poison_queue.id
  role_definition_name = "Storage Queue Data Message Processor"
  principal_id         = var.operators_object_id
}

# Operators: to see which events Event Grid could not deliver.
resource "azurerm_role_assignment" "operators_read_dead_letters" {
  count = var.operators_object_id == "" ? 0 : 1

  scope                = azurerm_storage_container.dead_letters.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = var.operators_object_id
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

# The alert about poison messages reads these. No reads: the host looks at the queue every few seconds.
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
