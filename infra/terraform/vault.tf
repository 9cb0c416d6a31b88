# The vault that will hold the app registration's client secret. Nothing here knows its value: a person puts it in.

locals {
  vault_id   = var.existing_vault_id == "" ? azurerm_key_vault.main[0].id : var.existing_vault_id
  vault_name = var.existing_vault_id == "" ? "kv-gatepost-${local.token}" : element(split("/", var.existing_vault_id), 8)
  vault_uri  = "https://${local.vault_name}.vault.azure.net"

  # The one secret, by its name: it need not exist yet, and other secrets of an existing vault stay closed.
  secret_id = "${local.vault_id}/secrets/${var.app_secret_name}"
}

resource "azurerm_key_vault" "main" {
  count = var.existing_vault_id == "" ? 1 : 0

  name                          = local.vault_name
  resource_group_name           = azurerm_resource_group.main.name
  location                      = azurerm_resource_group.main.location
  tenant_id                     = data.azurerm_client_config.current.tenant_id
  sku_name                      = "standard"
  rbac_authorization_enabled    = true
  purge_protection_enabled      = true
  soft_delete_retention_days    = 90
  public_network_access_enabled = !(var.private_networking && length(local.allowed_addresses) == 0)
  tags                          = local.tags

  network_acls {
    bypass         = "None"
    default_action = var.private_networking ? "Deny" : "Allow"
    ip_rules       = var.private_networking ? local.allowed_addresses : []
  }
}

# The app: to read the newest version of the secret, and when it expires.
resource "azurerm_role_assignment" "app_reads_secret" {
  scope                = local.secret_id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
  principal_type       = "ServicePrincipal"
}

# Operators: to put the secret in, and a new one before the old one expires.
resource "azurerm_role_assignment" "operators_set_secret" {
  count = var.operators_object_id == "" ? 0 : 1

  scope                = local.secret_id
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = var.operators_object_id
}

# Who read or set the secret.
resource "azurerm_monitor_diagnostic_setting" "vault_audit" {
  count = var.existing_vault_id == "" ? 1 : 0

  name                       = "audit"
  target_resource_id         = azurerm_key_vault.main[0].id
  log_analytics_workspace_id = local.workspace_id

  enabled_log {
    category_group = "audit"
  }
}
