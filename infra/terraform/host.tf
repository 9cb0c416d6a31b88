# The function host's own account: the package, the timer's lock and its status. No export ever lies here.
# azapi, because azurerm asks for the account's keys and keeps them in the state, although they are switched off.
resource "azapi_resource" "host_account" {
  type      = "Microsoft.Storage/storageAccounts@2025-01-01"
  name      = "sthost${local.token}"
  parent_id = azurerm_resource_group.main.id
  location  = azurerm_resource_group.main.location
  tags      = local.tags

  body = {
    kind = "StorageV2"
    sku  = { name = "Standard_LRS" }
    properties = {
      accessTier                   = "Hot"
      allowBlobPublicAccess        = false
      allowSharedKeyAccess         = false
      allowCrossTenantReplication  = false
      defaultToOAuthAuthentication = true
      minimumTlsVersion            = "TLS1_2"
      supportsHttpsTrafficOnly     = true
      publicNetworkAccess          = var.private_networking ? "Disabled" : "Enabled"
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
  scope                = azapi_resource.host_account.id
  role_definition_name = "Storage Blob Data Owner"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
  principal_type       = "ServicePrincipal"
}
