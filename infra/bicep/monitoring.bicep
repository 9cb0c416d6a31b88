// Where logs and metrics go, and the workbook that shows them. Nobody can write telemetry with a key.
import { tagValues } from 'types.bicep'

param location string
param tags tagValues
param insightsName string
param workspaceName string
param workspaceId string
param makesWorkspace bool
param logRetentionDays int
param logDailyCapGb int
param identityName string

var monitoringMetricsPublisherRoleId = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = if (makesWorkspace) {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: logRetentionDays
    workspaceCapping: { dailyQuotaGb: logDailyCapGb == 0 ? -1 : logDailyCapGb }
    features: { disableLocalAuth: true }
  }
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  dependsOn: [workspace]
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspaceId
    DisableLocalAuth: true
  }
}

// The app, its host and its worker: to send logs and metrics without a key.
resource appSendsTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, identity.id, monitoringMetricsPublisherRoleId)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      monitoringMetricsPublisherRoleId
    )
  }
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'gatepost-workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Gatepost'
    category: 'workbook'
    sourceId: toLower(insights.id)
    serializedData: loadTextContent('../queries/workbook.json')
  }
}
