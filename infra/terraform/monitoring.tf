# Where logs and metrics go, and the workbook that shows them. Nobody can write telemetry with a key.

locals {
  workspace_id = var.existing_workspace_id == "" ? azapi_resource.workspace[0].id : var.existing_workspace_id
}

# azapi, because azurerm keeps the workspace's keys in the state, although they are switched off.
resource "azapi_resource" "workspace" {
  count = var.existing_workspace_id == "" ? 1 : 0

  type      = "Microsoft.OperationalInsights/workspaces@2025-02-01"
  name      = local.names.workspace
  parent_id = local.group_id
  location  = var.location
  tags      = local.tags

  body = {
    properties = {
      sku              = { name = "PerGB2018" }
      retentionInDays  = var.log_retention_days
      workspaceCapping = { dailyQuotaGb = var.log_daily_cap_gb == 0 ? -1 : var.log_daily_cap_gb }
      features         = { disableLocalAuth = true }
    }
  }

  response_export_values = []
}

resource "azurerm_application_insights" "main" {
  name                         = local.names.application_insights
  resource_group_name          = local.group
  location                     = var.location
  application_type             = "web"
  workspace_id                 = local.workspace_id
  local_authentication_enabled = false # so that the instrumentation key in the state opens nothing
  tags                         = local.tags
}

# The app, its host and its worker: to send logs and metrics without a key.
resource "azurerm_role_assignment" "app_sends_telemetry" {
  scope              = azurerm_application_insights.main.id
  role_definition_id = local.roles.monitoring_metrics_publisher
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
}

resource "azurerm_application_insights_workbook" "main" {
  name                = uuidv5("11fb06fb-712d-4ddd-98c7-e71bbd588830", join("-", [local.group_id, "gatepost-workbook"]))
  resource_group_name = local.group
  location            = var.location
  display_name        = "Gatepost"
  category            = "workbook"
  source_id           = lower(azurerm_application_insights.main.id)
  data_json           = file("${path.module}/../queries/workbook.json")
  tags                = local.tags
}
