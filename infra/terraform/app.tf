# The function app on Flex Consumption. What it runs is deployed afterwards, as a package.

locals {
  # What the code reads, by name; see shared/settings.py.
  settings = {
    EXPORTS_QUEUE             = azurerm_storage_queue.queue.name
    UPLOAD_SCHEDULE           = var.upload_schedule
    EXPORTS_CONTAINER         = azurerm_storage_container.exports.name
    RESULTS_CONTAINER         = azurerm_storage_container.results.name
    STATE_CONTAINER           = azurerm_storage_container.state.name
    CONNECTOR_TENANT_ID       = var.connector_tenant_id
    CONNECTOR_APP_ID          = var.connector_app_id
    CONNECTOR_JOB_ID          = var.connector_job_id
    KEY_VAULT_URI             = local.vault_uri
    APP_SECRET_NAME           = var.app_secret_name
    CONNECTOR_CLOUD           = var.connector_cloud
    CONNECTOR_URL             = var.connector_url
    CONNECTOR_SCOPE           = var.connector_scope
    ENTRA_AUTHORITY           = var.entra_authority
    BATCH_MAX_RECORDS         = tostring(var.batch_max_records)
    BATCH_MAX_BYTES           = tostring(var.batch_max_bytes)
    CONNECTOR_TIMEOUT_SECONDS = tostring(var.connector_timeout_seconds)
    RETRY_MAX_SECONDS         = tostring(var.retry_max_seconds)
    INVOCATION_SECONDS        = tostring(var.invocation_seconds)
    RETRY_DAYS                = tostring(var.retry_days)
    MAX_INVALID_PERCENT       = tostring(var.max_invalid_percent)
    MAX_EXPORT_BYTES          = tostring(var.max_export_bytes)
  }

  platform_settings = {
    # The host's own storage, by identity. A plain AzureWebJobsStorage, even an empty one, would hide these three.
    AzureWebJobsStorage__accountName            = azapi_resource.host_account.name
    AzureWebJobsStorage__credential             = "managedidentity"
    AzureWebJobsStorage__clientId               = azurerm_user_assigned_identity.app.client_id
    ExportStorage__blobServiceUri               = azapi_resource.data_account.output.blob
    ExportStorage__queueServiceUri              = azapi_resource.data_account.output.queue
    ExportStorage__credential                   = "managedidentity"
    ExportStorage__clientId                     = azurerm_user_assigned_identity.app.client_id
    AZURE_CLIENT_ID                             = azurerm_user_assigned_identity.app.client_id
    APPLICATIONINSIGHTS_CONNECTION_STRING       = azurerm_application_insights.main.connection_string # an address, no key: local authentication is off
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING   = "ClientId=${azurerm_user_assigned_identity.app.client_id};Authorization=AAD"
    APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL  = "true"                    # no statistics about the exporter itself to Microsoft
    PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY = "true"                    # goes with "telemetryMode" in host.json
    OTEL_PYTHON_DISABLED_INSTRUMENTATIONS       = "requests,urllib,urllib3" # they would export URLs with the job id
    OTEL_TRACES_SAMPLER                         = "always_on"               # the default drops the first spans after a start
  }
}

resource "azurerm_service_plan" "main" {
  name                = "plan-gatepost-${local.token}"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  os_type             = "Linux"
  sku_name            = "FC1"
  tags                = local.tags
}

# azapi, because azurerm's Flex Consumption app (5.2.0) always sets a key-based AzureWebJobsStorage.
resource "azapi_resource" "app" {
  type      = "Microsoft.Web/sites@2024-11-01"
  name      = "func-gatepost-${local.token}"
  parent_id = azurerm_resource_group.main.id
  location  = azurerm_resource_group.main.location
  tags      = merge(local.tags, { "azd-service-name" = "gatepost" })

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.app.id]
  }

  body = {
    kind = "functionapp,linux"
    properties = {
      serverFarmId              = azurerm_service_plan.main.id
      httpsOnly                 = true
      publicNetworkAccess       = "Enabled" # for deployments: there is no HTTP function to call
      virtualNetworkSubnetId    = var.private_networking ? azurerm_subnet.app[0].id : null
      keyVaultReferenceIdentity = azurerm_user_assigned_identity.app.id
      functionAppConfig = {
        deployment = {
          storage = {
            type  = "blobContainer"
            value = "${azapi_resource.host_account.output.blob}${azurerm_storage_container.package.name}"
            authentication = {
              type                           = "UserAssignedIdentity"
              userAssignedIdentityResourceId = azurerm_user_assigned_identity.app.id
            }
          }
        }
        runtime = {
          name    = "python"
          version = "3.13"
        }
        scaleAndConcurrency = {
          instanceMemoryMB     = 2048
          maximumInstanceCount = var.maximum_instances
        }
      }
      siteConfig = {
        minTlsVersion = "1.2"
        appSettings   = [for name, value in merge(local.settings, local.platform_settings) : { name = name, value = value }]
      }
    }
  }

  response_export_values = []

  depends_on = [
    azurerm_eventgrid_system_topic_event_subscription.exports,
    azurerm_nat_gateway_public_ip_association.main,
    azurerm_private_endpoint.endpoints,
    azurerm_role_assignment.app_owns_host_blobs,
    azurerm_role_assignment.app_reads_exports,
    azurerm_role_assignment.app_reads_secret,
    azurerm_role_assignment.app_sends_telemetry,
    azurerm_role_assignment.app_works_poison_queue,
    azurerm_role_assignment.app_works_queue,
    azurerm_role_assignment.app_writes_results,
    azurerm_role_assignment.app_writes_state,
    azurerm_subnet_nat_gateway_association.app,
  ]
}

# Packages are deployed with an Entra ID login; user names and passwords are off.
resource "azapi_update_resource" "no_passwords" {
  for_each = toset(["ftp", "scm"])

  type      = "Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01"
  name      = each.key
  parent_id = azapi_resource.app.id

  body = {
    properties = {
      allow = false
    }
  }

  response_export_values = []
}
