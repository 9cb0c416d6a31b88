// Where logs and metrics go, and the workbook that shows them. Nobody can write telemetry with a key.
param token string
param location string
param tags object
param logRetentionDays int
param existingWorkspaceId string
param appPrincipalId string

var monitoringMetricsPublisherRoleId = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = if (empty(existingWorkspaceId)) {
  name: 'log-gatepost-${token}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: logRetentionDays
    features: { disableLocalAuth: true }
  }
}

var workspaceId = empty(existingWorkspaceId) ? workspace.id : existingWorkspaceId

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-gatepost-${token}'
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
  name: guid(insights.id, appPrincipalId, monitoringMetricsPublisherRoleId)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisherRoleId)
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

output workspaceId string = workspaceId
output applicationInsightsName string = insights.name
output applicationInsightsId string = insights.id
