// Alerts and who gets them. Titles, texts and queries are shared with infra/terraform: infra/queries.
import { tagValues } from 'types.bicep'

param token string
param location string
param tags tagValues
param actionGroupName string
param existingActionGroupId string
param email string
param rejectedPercent int
param noRecordsHours int
param dailyNotice bool
param insightsName string
param topicName string
param subscriptionName string

var alerts = loadJsonContent('../queries/alerts.json')
var queries = {
  'daily-notice': loadTextContent('../queries/alerts/daily-notice.kql')
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
var parameters = 'let rejected_percent = ${rejectedPercent};\nlet no_records_hours = ${noRecordsHours};\n'

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (empty(existingActionGroupId)) {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'gatepost'
    emailReceivers: empty(email) ? [] : [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

var actionGroupId = empty(existingActionGroupId) ? people.id : existingActionGroupId

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts.log: {
    name: 'alert-gatepost-${alert.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Gatepost: ${alert.title}'
      description: alert.text
      enabled: alert.name == 'daily-notice' ? dailyNotice : alert.name != 'no-records-sent' || noRecordsHours > 0
      severity: alert.severity
      scopes: [insights.id]
      evaluationFrequency: alert.frequency
      windowSize: alert.frequency
      overrideQueryTimeRange: alert.lookback
      autoMitigate: any(alert).?autoMitigate ?? true
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
      actions: { actionGroups: [actionGroupId] }
    }
  }
]

#disable-next-line use-recent-api-versions // the version that portal and azurerm use; a newer one is months old
resource metricAlerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in alerts.metric: {
    name: 'alert-gatepost-${alert.name}-${token}'
    location: 'global'
    tags: tags
    properties: {
      description: alert.text
      enabled: true
      severity: alert.severity
      scopes: [topic.id]
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
            threshold: any(alert).?threshold ?? 0
            skipMetricValidation: true
            dimensions: [{ name: 'EventSubscriptionName', operator: 'Include', values: [subscriptionName] }]
          }
        ]
      }
      actions: [{ actionGroupId: actionGroupId }]
    }
  }
]
