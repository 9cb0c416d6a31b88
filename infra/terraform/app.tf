# The function app on Flex Consumption. What it runs is deployed afterwards, as a package.

locals {
  # What the code reads, by name; see shared/settings.py.
  settings = {
    EXPORTS_QUEUE               = azurerm_storage_queue.queue.name
    UPLOAD_SCHEDULE             = var.upload_schedule
    EXPORTS_CONTAINER           = azurerm_storage_container.exports.name
    RESULTS_CONTAINER           = azurerm_storage_container.results.name
    STATE_CONTAINER             = azurerm_storage_container.state.name
    SOURCES_CONTAINER           = azurerm_storage_container.sources.name
    CONNECTOR_TENANT_ID         = var.connector_tenant_id
    CONNECTOR_APP_ID            = var.connector_app_id
    CONNECTOR_JOB_ID            = var.connector_job_id
    CONNECTOR_CREDENTIAL        = var.connector_credential
    KEY_VAULT_URI               = local.vault_uri
    APP_SECRET_NAME             = var.app_secret_name
    APP_CERTIFICATE_NAME        = var.app_certificate_name
    FEDERATED_AUDIENCE          = var.federated_audience
    CONNECTOR_CLOUD             = var.connector_cloud
    CONNECTOR_URL               = var.connector_url
    CONNECTOR_SCOPE             = var.connector_scope
    ENTRA_AUTHORITY             = var.entra_authority
    BATCH_MAX_RECORDS           = tostring(var.batch_max_records)
    BATCH_MAX_BYTES             = tostring(var.batch_max_bytes)
    CONNECTOR_SENDING           = var.connector_sending
    EVENTS_NOT_BEFORE           = var.events_not_before
    CONNECTOR_TIMEOUT_SECONDS   = tostring(var.connector_timeout_seconds)
    CONNECTOR_PARALLEL_REQUESTS = tostring(var.connector_parallel_requests)
    REPEAT_DAYS                 = tostring(var.repeat_days)
    REMAP_DAYS                  = tostring(var.remap_days)
    PEOPLE_FROM_ENTRA           = var.people_from_entra ? "true" : "false"
    EXPORTS_RETENTION_DAYS      = tostring(var.export_retention_days)
    OUTCOMES_RETENTION_DAYS     = tostring(var.outcome_retention_days)
    REPORT_ZONE                 = var.report_zone
    RETRY_MAX_SECONDS           = tostring(var.retry_max_seconds)
    INVOCATION_SECONDS          = tostring(var.invocation_seconds)
    RETRY_DAYS                  = tostring(var.retry_days)
    MAX_INVALID_PERCENT         = tostring(var.max_invalid_percent)
    MAX_EXPORT_BYTES            = tostring(var.max_export_bytes)
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
    APPLICATIONINSIGHTS_SDKSTATS_DISABLED       = "true"                    # nor among our own metrics
    APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED   = "true"                    # no remote switches for the exporter
    PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME      = "gatepost"                # the default is the root logger: every library's lines would be sent
    PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY = "true"                    # goes with "telemetryMode" in host.json
    OTEL_PYTHON_DISABLED_INSTRUMENTATIONS       = "requests,urllib,urllib3" # they would export URLs with the job id
    OTEL_TRACES_SAMPLER                         = "always_on"               # the default drops the first spans after a start
  }
}

# azapi, because azurerm spreads only other plans over zones.
resource "azapi_resource" "plan" {
  type      = "Microsoft.Web/serverfarms@2025-03-01"
  name      = local.names.plan
  parent_id = local.group_id
  location  = var.location
  tags      = local.tags

  body = {
    kind = "functionapp"
    sku  = { name = "FC1", tier = "FlexConsumption" }
    properties = {
      reserved      = true
      zoneRedundant = var.zone_redundant
    }
  }

  response_export_values = []
}

# azapi, because azurerm's Flex Consumption app (5.2.0) always sets a key-based AzureWebJobsStorage.
resource "azapi_resource" "app" {
  type      = "Microsoft.Web/sites@2025-03-01"
  name      = local.names.app
  parent_id = local.group_id
  location  = var.location
  tags      = merge(local.tags, { "azd-service-name" = "gatepost" })

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.app.id]
  }

  body = {
    kind = "functionapp,linux"
    properties = {
      serverFarmId              = azapi_resource.plan.id
      httpsOnly                 = true
      publicNetworkAccess       = var.app_public_network_access # for deployments: there is no HTTP function to call
      virtualNetworkSubnetId    = var.private_networking ? local.app_subnet_id : null
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
        http20Enabled = true
        minTlsVersion = "1.2"
        appSettings   = [for name, value in merge(local.settings, local.platform_settings) : { name = name, value = value }]
      }
    }
  }

  response_export_values = []

  depends_on = [
    azurerm_nat_gateway_public_ip_association.main,
    azurerm_private_endpoint.endpoints,
    azurerm_role_assignment.app_owns_host_blobs,
    azurerm_role_assignment.app_reads_exports,
    azurerm_role_assignment.app_reads_secret,
    azurerm_role_assignment.app_reads_sources,
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

  type      = "Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01"
  name      = each.key
  parent_id = azapi_resource.app.id

  body = {
    properties = {
      allow = false
    }
  }

  response_export_values = []
}
