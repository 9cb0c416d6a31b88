// What somebody is told. Titles, texts and queries are shared with infra/terraform: infra/queries.
param token string
param location string
param tags object
param email string
param rejectedPercent int
param noRecordsHours int
param workspaceId string
param applicationInsightsId string
param dataAccountName string
param topicId string
param subscriptionName string

var alerts = loadJsonContent('../queries/alerts.json')
var queries = {
  'export-blocked': loadTextContent('../queries/alerts/export-blocked.kql')
  'export-failed-for-hours': loadTextContent('../queries/alerts/export-failed-for-hours.kql')
  'export-rejected': loadTextContent('../queries/alerts/export-rejected.kql')
  'exports-waiting': loadTextContent('../queries/alerts/exports-waiting.kql')
  'failing-invocations': loadTextContent('../queries/alerts/failing-invocations.kql')
  'no-records-sent': loadTextContent('../queries/alerts/no-records-sent.kql')
  'poison-queue': loadTextContent('../queries/alerts/poison-queue.kql')
  'queue-stands-still': loadTextContent('../queries/alerts/queue-stands-still.kql')
  'records-rejected': loadTextContent('../queries/alerts/records-rejected.kql')
  'secret-expiry': loadTextContent('../queries/alerts/secret-expiry.kql')
  'source-late': loadTextContent('../queries/alerts/source-late.kql')
  'sweep-missing': loadTextContent('../queries/alerts/sweep-missing.kql')
}
var parameters = 'let rejected_percent = ${rejectedPercent};\nlet no_records_hours = ${noRecordsHours};\nlet data_account = "${dataAccountName}";\n'

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-gatepost-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'gatepost'
    emailReceivers: empty(email) ? [] : [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for alert in alerts.log: {
  name: 'alert-gatepost-${alert.name}-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Gatepost: ${alert.title}'
    description: alert.text
    enabled: alert.name != 'no-records-sent' || noRecordsHours > 0
    severity: alert.severity
    scopes: [alert.scope == 'workspace' ? workspaceId : applicationInsightsId]
    evaluationFrequency: alert.frequency
    windowSize: alert.frequency
    overrideQueryTimeRange: alert.lookback
    autoMitigate: true
    skipQueryValidation: true // the tables may be empty until the first export
    criteria: {
      allOf: [
        {
          query: '${parameters}${queries[alert.name]}'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: map(alert.dimensions, name => { name: name, operator: 'Include', values: ['*'] })
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [people.id] }
  }
}]

resource metricAlerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [for alert in alerts.metric: {
  name: 'alert-gatepost-${alert.name}-${token}'
  location: 'global'
  tags: tags
  properties: {
    description: alert.text
    enabled: true
    severity: alert.severity
    scopes: [topicId]
    evaluationFrequency: alert.frequency
    windowSize: alert.window
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: alert.name
          metricNamespace: 'Microsoft.EventGrid/systemTopics'
          metricName: alert.metric
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
          skipMetricValidation: true
          dimensions: [{ name: 'EventSubscriptionName', operator: 'Include', values: [subscriptionName] }]
        }
      ]
    }
    actions: [{ actionGroupId: people.id }]
  }
}]
