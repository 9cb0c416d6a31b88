# The vault that will hold the app registration's client secret or certificate. A person puts it in; nothing here knows it.

locals {
  uses_vault  = var.connector_credential != "federated" # a federated credential needs none
  makes_vault = local.uses_vault && var.existing_vault_id == ""
  vault_id    = local.makes_vault ? azurerm_key_vault.main[0].id : var.existing_vault_id
  vault_name  = local.uses_vault ? (local.makes_vault ? local.names.vault : element(split("/", var.existing_vault_id), 8)) : ""
  vault_uri   = local.uses_vault ? "https://${local.vault_name}.vault.azure.net" : ""

  # Where an existing vault lies, in another subscription perhaps.
  vault_subscription = "/subscriptions/${local.makes_vault ? local.subscription_id : try(split("/", var.existing_vault_id)[2], "")}"
  vault_group_id     = local.makes_vault ? local.group_id : try(join("/", slice(split("/", var.existing_vault_id), 0, 5)), "")

  # The one secret, by its name: it need not exist yet, and other secrets of an existing vault stay closed. A certificate's
  # private part is read as the secret of the same name.
  secret_id     = "${local.vault_id}/secrets/${var.connector_credential == "certificate" ? var.app_certificate_name : var.app_secret_name}"
  operators_set = var.connector_credential == "secret" && var.operators_object_id != ""
}

resource "azurerm_key_vault" "main" {
  count = local.makes_vault ? 1 : 0

  name                          = local.vault_name
  resource_group_name           = local.group
  location                      = var.location
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
  count = local.uses_vault ? 1 : 0

  scope              = local.secret_id
  role_definition_id = "${local.vault_subscription}/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6"
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
}

# No built-in role lets a person put a secret in without reading it.
resource "azurerm_role_definition" "secret_setter" {
  count = local.operators_set ? 1 : 0

  name        = "Gatepost secret setter ${local.vault_name}"
  scope       = local.vault_group_id
  description = "Set a secret and see its name and dates, never its value."

  permissions {
    data_actions = [
      "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
      "Microsoft.KeyVault/vaults/secrets/setSecret/action",
      "Microsoft.KeyVault/vaults/secrets/update/action",
    ]
  }

  assignable_scopes = [local.vault_group_id]
}

# Operators: to put the secret in, and a new one before the old one expires.
resource "azurerm_role_assignment" "operators_set_secret" {
  count = local.operators_set ? 1 : 0

  scope              = local.secret_id
  role_definition_id = azurerm_role_definition.secret_setter[0].role_definition_resource_id
  principal_id       = var.operators_object_id
}

# Who read or set the secret.
resource "azurerm_monitor_diagnostic_setting" "vault_audit" {
  count = local.makes_vault ? 1 : 0

  name                       = "audit"
  target_resource_id         = azurerm_key_vault.main[0].id
  log_analytics_workspace_id = local.workspace_id

  enabled_log {
    category_group = "audit"
  }
}

# Against deletion by mistake. Role assignments below it cannot be deleted either while it stands.
resource "azurerm_management_lock" "vault_lock" {
  count = var.locked && local.makes_vault ? 1 : 0

  name       = "gatepost"
  scope      = azurerm_key_vault.main[0].id
  lock_level = "CanNotDelete"
  notes      = "Holds the credential that every export needs."

  depends_on = [azurerm_role_assignment.app_reads_secret, azurerm_role_assignment.operators_set_secret]
}
