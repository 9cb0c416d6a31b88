// The function app on Flex Consumption. What it runs is deployed afterwards, as a package.
import { tagValues } from 'types.bicep'

param name string
param planName string
param location string
param tags tagValues
param identityName string
param hostAccountName string
param packageContainer string
param dataAccountName string
param insightsName string
param maximumInstances int
param zoneRedundant bool
param publicNetworkAccess string

@description('Subnet for outgoing traffic; empty for none.')
param subnetId string

@description('What the code reads, by name; see shared/settings.py.')
param settings { *: string }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource hostAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: hostAccountName
}

resource dataAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataAccountName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
}

var platformSettings = {
  // The host's own storage, by identity. A plain AzureWebJobsStorage, even an empty one, would hide these three.
  AzureWebJobsStorage__accountName: hostAccount.name
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.properties.clientId
  ExportStorage__blobServiceUri: dataAccount.properties.primaryEndpoints.blob
  ExportStorage__queueServiceUri: dataAccount.properties.primaryEndpoints.queue
  ExportStorage__credential: 'managedidentity'
  ExportStorage__clientId: identity.properties.clientId
  AZURE_CLIENT_ID: identity.properties.clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString // an address, no key: local authentication is off
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
  APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL: 'true' // no statistics about the exporter itself to Microsoft
  APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true' // nor among our own metrics
  APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED: 'true' // no remote switches for the exporter
  PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY: 'true' // goes with "telemetryMode" in host.json
  PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME: 'gatepost' // the default is the root logger: every library's lines would be sent
  OTEL_PYTHON_DISABLED_INSTRUMENTATIONS: 'requests,urllib,urllib3' // they would export URLs with the job id
  OTEL_TRACES_SAMPLER: 'always_on' // the default drops the first spans after a start
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'gatepost' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: publicNetworkAccess // for deployments: there is no HTTP function to call
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    keyVaultReferenceIdentity: identity.id
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostAccount.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: { name: 'python', version: '3.13' }
      scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: maximumInstances }
    }
    siteConfig: {
      http20Enabled: true
      minTlsVersion: '1.2'
      appSettings: map(items(union(settings, platformSettings)), setting => { name: setting.key, value: setting.value })
    }
  }
}

// Packages are deployed with an Entra ID login; user names and passwords are off. Two resources, since in a loop over
// the names the compiler could not know their type.
resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}
