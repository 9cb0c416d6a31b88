// Gatepost, all of it: one resource group. infra/terraform makes the same; tests hold the two against each other.
targetScope = 'subscription'

// --- where and what -------------------------------------------------------------------------------------------------

@description('Name of the environment: a part of the resource group\'s name and of the token in all other names.')
@minLength(1)
@maxLength(20)
param environmentName string

@description('Region of all resources; must offer Flex Consumption with Python 3.13.')
param location string

@description('GUID of the tenant the connector belongs to.')
@minLength(36)
@maxLength(36)
param connectorTenantId string

@description('GUID of the app registration (its application or client ID) that the connector was created with.')
@minLength(36)
@maxLength(36)
param connectorAppId string

@description('GUID of the connector\'s job, copied from its page in the Purview portal.')
@minLength(36)
@maxLength(36)
param connectorJobId string

@description('Microsoft cloud the connector runs in.')
@allowed(['commercial', 'gcc', 'gcc-high', 'dod'])
param connectorCloud string = 'commercial'

@description('Address to use instead of the cloud\'s connector; empty for the cloud\'s.')
param connectorUrl string = ''

@description('Audience to use instead of the connector\'s, ending in /.default; empty for the connector\'s.')
param connectorScope string = ''

@description('Entra ID authority to use instead of the cloud\'s; empty for the cloud\'s.')
param entraAuthority string = ''

@description('Name, not value, of the secret in the vault that holds the app registration\'s client secret.')
@minLength(1)
@maxLength(127)
param appSecretName string = 'badging-app-secret'

// --- how it works ---------------------------------------------------------------------------------------------------

@description('When the daily sweep runs: six-field NCRONTAB, in UTC.')
param uploadSchedule string = '0 30 5 * * *'

@description('Most records in one request.')
@minValue(1)
@maxValue(50000)
param batchMaxRecords int = 5000

@description('Most bytes in one request.')
@minValue(1000)
@maxValue(100000000)
param batchMaxBytes int = 10000000

@description('How long to wait for the connector\'s reply, in seconds.')
@minValue(1)
@maxValue(3600)
param connectorTimeoutSeconds int = 400

@description('How long to retry within one invocation, in seconds.')
@minValue(0)
@maxValue(3600)
param retryMaxSeconds int = 300

@description('After this many seconds an invocation begins no new request.')
@minValue(1)
@maxValue(2100)
param invocationSeconds int = 1500

@description('How long an export that fails is tried again, in days.')
@minValue(1)
@maxValue(390)
param retryDays int = 60

@description('Above this share of invalid records, in percent, an export is rejected whole.')
@minValue(0)
@maxValue(100)
param maxInvalidPercent int = 50

@description('Largest export, packed or unpacked, in bytes.')
@minValue(1)
@maxValue(5000000000)
param maxExportBytes int = 500000000

@description('Most instances of the function app. Below 40 only some regions take it.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 40

// --- how long things are kept ---------------------------------------------------------------------------------------

@description('Days until an export is deleted; never less than retryDays + 7.')
@minValue(8)
@maxValue(3650)
param exportRetentionDays int = 90

@description('Days until the rejected records of an export are deleted.')
@minValue(1)
@maxValue(3650)
param rejectedRetentionDays int = 30

@description('Days until outcomes and ledgers are deleted. A ledger that is gone no longer stops a repeat.')
@minValue(400)
@maxValue(3650)
param outcomeRetentionDays int = 400

@description('Days that logs and metrics are kept; of no effect on an existing workspace.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

// --- who is told, and who may do what -------------------------------------------------------------------------------

@description('Address that alerts are mailed to; empty for none.')
param alertEmail string = ''

@description('Alert above this share of rejected and refused records over a day, in percent.')
@minValue(0)
@maxValue(100)
param rejectedPercent int = 5

@description('Alert when no record was sent for this many hours; 0 switches the alert off.')
@minValue(0)
@maxValue(744)
param noRecordsHours int = 26

@description('Object ID of the badging system\'s identity: may create and write exports, not read them; empty for none.')
param exporterObjectId string = ''

@description('Object ID of a person or group that may read outcomes and rejected records; empty for none.')
param readersObjectId string = ''

@description('Object ID of a person or group that looks after all of it: drops and reads exports, has them looked at again, empties the poison queue, sets the secret; empty for none.')
param operatorsObjectId string = ''

// --- the data account and the network -------------------------------------------------------------------------------

@description('Redundancy of the data account.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

@description('Lets exports arrive by SFTP. Only for a new data account; such an account keeps no blob versions.')
param sftpEnabled bool = false

@description('Public key of the SFTP user "exporter", as it stands in an .pub file; empty for no user.')
param sftpPublicKey string = ''

@description('VNet, private endpoints, one fixed outbound address; no public access to storage and vault.')
param privateNetworking bool = false

@description('Public IPv4 addresses or ranges, comma-separated, that still reach the data account and the vault when privateNetworking is on.')
param allowedIpAddresses string = ''

// --- what is there already ------------------------------------------------------------------------------------------

@description('Resource ID of a Log Analytics workspace to use; empty to make one.')
param existingWorkspaceId string = ''

@description('Resource ID of a Key Vault to use, in RBAC mode; empty to make one.')
param existingVaultId string = ''

@description('Name of the system topic the data account has already, in the same resource group, with a system-assigned identity; empty to make one.')
param existingSystemTopicName string = ''

// --------------------------------------------------------------------------------------------------------------------

var token = take(uniqueString(subscription().id, environmentName, location), 8)
var tags = { 'azd-env-name': environmentName }
var allowedAddresses = empty(allowedIpAddresses) ? [] : map(split(allowedIpAddresses, ','), address => trim(address))

// An existing vault may lie in another resource group, even in another subscription.
var vaultName = empty(existingVaultId) ? 'kv-gatepost-${token}' : last(split(existingVaultId, '/'))
var vaultSubscriptionId = empty(existingVaultId) ? subscription().subscriptionId : split(existingVaultId, '/')[2]
var vaultGroupName = empty(existingVaultId) ? 'rg-${environmentName}' : split(existingVaultId, '/')[4]
var vaultUri = 'https://${vaultName}${environment().suffixes.keyvaultDns}'
var topicName = empty(existingSystemTopicName) ? 'evgst-gatepost-${token}' : existingSystemTopicName

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'identity.bicep' = {
  scope: group
  params: { name: 'id-gatepost-${token}', location: location, tags: tags }
}

module monitoring 'monitoring.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    logRetentionDays: logRetentionDays
    existingWorkspaceId: existingWorkspaceId
    appPrincipalId: identity.outputs.principalId
  }
}

module data 'data.bicep' = {
  scope: group
  params: {
    name: 'stgatepost${token}'
    location: location
    tags: tags
    sku: storageSku
    sftpEnabled: sftpEnabled
    sftpPublicKey: sftpPublicKey
    privateNetworking: privateNetworking
    allowedAddresses: allowedAddresses
    exportRetentionDays: max(exportRetentionDays, retryDays + 7) // or a Failed export could vanish before it is sent
    rejectedRetentionDays: rejectedRetentionDays
    outcomeRetentionDays: outcomeRetentionDays
    workspaceId: monitoring.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
    exporterObjectId: exporterObjectId
    readersObjectId: readersObjectId
    operatorsObjectId: operatorsObjectId
  }
}

module host 'host.bicep' = {
  scope: group
  params: {
    name: 'sthost${token}'
    location: location
    tags: tags
    privateNetworking: privateNetworking
    appPrincipalId: identity.outputs.principalId
  }
}

module vault 'vault.bicep' = if (empty(existingVaultId)) {
  scope: group
  params: {
    name: vaultName
    location: location
    tags: tags
    privateNetworking: privateNetworking
    allowedAddresses: allowedAddresses
    workspaceId: monitoring.outputs.workspaceId
  }
}

module secretRoles 'secret-roles.bicep' = {
  scope: resourceGroup(vaultSubscriptionId, vaultGroupName)
  dependsOn: [vault]
  params: {
    vaultName: vaultName
    secretName: appSecretName
    appPrincipalId: identity.outputs.principalId
    operatorsObjectId: operatorsObjectId
  }
}

module topic 'topic.bicep' = if (empty(existingSystemTopicName)) {
  scope: group
  params: {
    name: topicName
    location: location
    tags: tags
    dataAccountName: data.outputs.name
  }
}

module events 'events.bicep' = {
  scope: group
  dependsOn: [topic]
  params: {
    topicName: topicName
    dataAccountName: data.outputs.name
    exportsContainer: data.outputs.exportsContainer
    exportsQueue: data.outputs.exportsQueue
    deadLettersContainer: data.outputs.deadLettersContainer
  }
}

module network 'network.bicep' = if (privateNetworking) {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    dataAccountId: data.outputs.id
    hostAccountId: host.outputs.id
    vaultId: resourceId(vaultSubscriptionId, vaultGroupName, 'Microsoft.KeyVault/vaults', vaultName)
    sftpEnabled: sftpEnabled
  }
  dependsOn: [vault]
}

module app 'app.bicep' = {
  scope: group
  dependsOn: [secretRoles, events]
  params: {
    token: token
    location: location
    tags: tags
    identityName: identity.outputs.name
    hostAccountName: host.outputs.name
    packageContainer: host.outputs.packageContainer
    dataAccountName: data.outputs.name
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    maximumInstances: maximumInstances
    subnetId: privateNetworking ? network!.outputs.appSubnetId : ''
    settings: {
      EXPORTS_QUEUE: data.outputs.exportsQueue
      UPLOAD_SCHEDULE: uploadSchedule
      EXPORTS_CONTAINER: data.outputs.exportsContainer
      RESULTS_CONTAINER: data.outputs.resultsContainer
      STATE_CONTAINER: data.outputs.stateContainer
      CONNECTOR_TENANT_ID: connectorTenantId
      CONNECTOR_APP_ID: connectorAppId
      CONNECTOR_JOB_ID: connectorJobId
      KEY_VAULT_URI: vaultUri
      APP_SECRET_NAME: appSecretName
      CONNECTOR_CLOUD: connectorCloud
      CONNECTOR_URL: connectorUrl
      CONNECTOR_SCOPE: connectorScope
      ENTRA_AUTHORITY: entraAuthority
      BATCH_MAX_RECORDS: string(batchMaxRecords)
      BATCH_MAX_BYTES: string(batchMaxBytes)
      CONNECTOR_TIMEOUT_SECONDS: string(connectorTimeoutSeconds)
      RETRY_MAX_SECONDS: string(retryMaxSeconds)
      INVOCATION_SECONDS: string(invocationSeconds)
      RETRY_DAYS: string(retryDays)
      MAX_INVALID_PERCENT: string(maxInvalidPercent)
      MAX_EXPORT_BYTES: string(maxExportBytes)
    }
  }
}

module alerts 'alerts.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    email: alertEmail
    rejectedPercent: rejectedPercent
    noRecordsHours: noRecordsHours
    workspaceId: monitoring.outputs.workspaceId
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    dataAccountName: data.outputs.name
    topicId: events.outputs.topicId
    subscriptionName: events.outputs.subscriptionName
  }
}

@description('Resource group of everything above.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The function app; the package is deployed to it.')
output FUNCTION_APP_NAME string = app.outputs.name

@description('The account that exports are dropped into.')
output DATA_ACCOUNT_NAME string = data.outputs.name

@description('Where exports are dropped.')
output EXPORTS_URL string = '${data.outputs.blobEndpoint}${data.outputs.exportsContainer}'

@description('Where outcomes and rejected records are written.')
output RESULTS_URL string = '${data.outputs.blobEndpoint}${data.outputs.resultsContainer}'

@description('The vault the secret belongs into.')
output KEY_VAULT_NAME string = vaultName

@description('The secret\'s name in the vault.')
output APP_SECRET_NAME string = appSecretName

@description('The app\'s address on the internet when privateNetworking is on; otherwise empty.')
output OUTBOUND_IP_ADDRESS string = privateNetworking ? network!.outputs.outboundIpAddress : ''
