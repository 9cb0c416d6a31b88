// The function app on Flex Consumption. What it runs is deployed afterwards, as a package.
param token string
param location string
param tags object
param identityName string
param hostAccountName string
param packageContainer string
param dataAccountName string
param applicationInsightsName string
param maximumInstances int

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
  name: applicationInsightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-gatepost-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
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
  PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY: 'true' // goes with "telemetryMode" in host.json
  OTEL_PYTHON_DISABLED_INSTRUMENTATIONS: 'requests,urllib,urllib3' // they would export URLs with the job id
  OTEL_TRACES_SAMPLER: 'always_on' // the default drops the first spans after a start
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: 'func-gatepost-${token}'
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
    publicNetworkAccess: 'Enabled' // for deployments: there is no HTTP function to call
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
      minTlsVersion: '1.2'
      appSettings: map(items(union(settings, platformSettings)), setting => { name: setting.key, value: setting.value })
    }
  }

  // Packages are deployed with an Entra ID login; user names and passwords are off.
  resource noPasswords 'basicPublishingCredentialsPolicies' = [for kind in ['ftp', 'scm']: {
    name: kind
    properties: { allow: false }
  }]
}

output name string = app.name
