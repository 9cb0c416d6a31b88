# The function host's own account: the package, the timer's lock and its status. No export ever lies here.
# azapi, because azurerm asks for the account's keys and keeps them in the state, although they are switched off.
resource "azapi_resource" "host_account" {
  type      = "Microsoft.Storage/storageAccounts@2025-01-01"
  name      = local.names.host_account
  parent_id = local.group_id
  location  = var.location
  tags      = local.tags

  body = {
    kind = "StorageV2"
    sku  = { name = var.zone_redundant ? "Standard_ZRS" : "Standard_LRS" }
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
      publicNetworkAccess = var.private_networking ? "Disabled" : "Enabled"
      networkAcls = {
        bypass        = "AzureServices"
        defaultAction = var.private_networking ? "Deny" : "Allow"
      }
    }
  }

  response_export_values = {
    blob = "properties.primaryEndpoints.blob"
  }
}

resource "azapi_update_resource" "host_blobs" {
  type      = "Microsoft.Storage/storageAccounts/blobServices@2025-01-01"
  name      = "default"
  parent_id = azapi_resource.host_account.id

  body = {
    properties = {
      deleteRetentionPolicy = { enabled = true, days = 7 }
    }
  }

  response_export_values = []
}

resource "azurerm_storage_container" "package" {
  name               = "app-package"
  storage_account_id = azapi_resource.host_account.id
}

# The host: locks, keys and the timer's status; the platform: the package. The least Microsoft names for the host.
resource "azurerm_role_assignment" "app_owns_host_blobs" {
  scope              = azapi_resource.host_account.id
  role_definition_id = local.roles.storage_blob_data_owner
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
}

# Who can write the package decides what runs: who read, wrote or deleted what.
resource "azurerm_monitor_diagnostic_setting" "host_audit" {
  name                       = "audit"
  target_resource_id         = "${azapi_resource.host_account.id}/blobServices/default"
  log_analytics_workspace_id = local.workspace_id

  dynamic "enabled_log" {
    for_each = ["StorageRead", "StorageWrite", "StorageDelete"]

    content {
      category = enabled_log.value
    }
  }
}
