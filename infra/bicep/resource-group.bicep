// Gatepost, all of it, in a resource group that is there already. For owners of a resource group; main.bicep makes the
// group first and then hands everything to this file. Every name is made up here, once; modules find each other's
// resources by name, so that what-if and snapshots show everything that Azure itself does not make up.
import { checkedEnvironmentName, resourceNames, tagValues } from 'types.bicep'

// --- where and what -------------------------------------------------------------------------------------------------

@description('Name of the environment: a part of the resource group\'s name and of the token in all other names.')
@minLength(1)
@maxLength(20)
param environmentName string

@description('Region of all resources; must offer Flex Consumption with Python 3.13.')
param location string = resourceGroup().location

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

@description('How the app registration proves itself: a client secret or a certificate in the vault, or the app\'s managed identity as federated credential, which needs no vault.')
@allowed(['secret', 'certificate', 'federated'])
param connectorCredential string = 'secret'

@description('Name, not value, of the secret in the vault that holds the app registration\'s client secret.')
@minLength(1)
@maxLength(127)
param appSecretName string = 'badging-app-secret'

@description('Name of the certificate in the vault; read only if connectorCredential is certificate.')
@minLength(1)
@maxLength(127)
param appCertificateName string = 'badging-app-certificate'

@description('Audience of the identity\'s token if connectorCredential is federated; empty for the cloud\'s.')
param federatedAudience string = ''

// --- how it works ---------------------------------------------------------------------------------------------------

@description('off: everything is done but the requests to the connector; exports wait until it is on again.')
@allowed(['on', 'off'])
param connectorSending string = 'on'

@description('When the daily sweep runs: six-field NCRONTAB, in UTC.')
param uploadSchedule string = '0 30 5 * * *'

@description('Time zone of "yesterday" in report and workbook: an IANA name.')
param reportZone string = 'UTC'

@description('Ignore events earlier than this: a time with an offset, such as 2026-11-22T00:00:00+01:00; empty for none.')
param eventsNotBefore string = ''

@description('Most records in one request.')
@minValue(1)
@maxValue(50000)
param batchMaxRecords int = 5000

@description('Most bytes in one request.')
@minValue(1000)
@maxValue(50000000)
param batchMaxBytes int = 10000000

@description('Requests of one export that may be on their way at the same time.')
@minValue(1)
@maxValue(8)
param connectorParallelRequests int = 1

@description('How long to wait for the connector\'s reply, in seconds; with invocationSeconds at most 2300.')
@minValue(1)
@maxValue(2000)
param connectorTimeoutSeconds int = 400

@description('How long to retry within one invocation, in seconds.')
@minValue(0)
@maxValue(3600)
param retryMaxSeconds int = 300

@description('After this many seconds an invocation begins no new request.')
@minValue(300)
@maxValue(2100)
param invocationSeconds int = 1500

@description('How long an export that fails is tried again, in days.')
@minValue(1)
@maxValue(390)
param retryDays int = 60

@description('How long an event that was sent is not sent again, in days.')
@minValue(1)
@maxValue(400)
param repeatDays int = 35

@description('How long rejected records of a source are tried again when its mapping changes, in days; 0 for never.')
@minValue(0)
@maxValue(390)
param remapDays int = 14

@description('Above this share of invalid records, in percent, an export is rejected whole.')
@minValue(0)
@maxValue(100)
param maxInvalidPercent int = 50

@description('Largest export, packed or unpacked, in bytes.')
@minValue(1)
@maxValue(5000000000)
param maxExportBytes int = 500000000

@description('The sweep refreshes the people file from Entra ID; the app may then write the sources container.')
param peopleFromEntra bool = false

@description('Most instances of each function. One is enough, since exports of a job go one after another; if the region refuses it, take 40.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 1

// --- how long things are kept ---------------------------------------------------------------------------------------

@description('Days until an export is deleted; at least 7 more than the larger of retryDays and remapDays.')
@minValue(8)
@maxValue(3650)
param exportRetentionDays int = 90

@description('Days until outcomes and ledgers are deleted; at least 30 more than exportRetentionDays. A ledger that is gone no longer stops a repeat.')
@minValue(38)
@maxValue(3650)
param outcomeRetentionDays int = 400

@description('Days that logs and metrics are kept; of no effect on an existing workspace.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Most gigabytes of logs a day, then logs (and with them alerts) stop until the next day; 0 for no limit. Of no effect on an existing workspace.')
@minValue(0)
@maxValue(1000)
param logDailyCapGb int = 0

// --- who is told, and who may do what -------------------------------------------------------------------------------

@description('Address that alerts are mailed to; empty for none.')
param alertEmail string = ''

@description('Resource ID of an action group that alerts go to instead; empty to make one with alertEmail.')
param existingActionGroupId string = ''

@description('Alert above this share of rejected and refused records over a day, in percent.')
@minValue(0)
@maxValue(100)
param rejectedPercent int = 5

@description('Alert when no record was sent for this many hours; 0 switches the alert off.')
@minValue(0)
@maxValue(744)
param noRecordsHours int = 26

@description('Sends one sentence a day on whether yesterday is complete, to those who get alerts.')
param dailyNotice bool = false

@description('Object ID of the badging system\'s identity: may create and write exports, not read them; empty for none.')
param exporterObjectId string = ''

@description('Object ID of a person or group that may read outcomes and rejected records; empty for none.')
param readersObjectId string = ''

@description('Object ID of a person or group that looks after all of it: uploads, reads and restores exports, describes sources, asks for another attempt, empties the poison queue, sets the secret without reading it; empty for none.')
param operatorsObjectId string = ''

// --- the data account and the network -------------------------------------------------------------------------------

@description('Redundancy of the data account.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

@description('Spreads the plan and the host\'s account over zones, where the region has them; costs always-ready instances.')
param zoneRedundant bool = false

@description('Encrypts both storage accounts a second time, below the service. Only for new accounts: it cannot be switched later.')
param infrastructureEncryption bool = false

@description('Lets exports arrive by SFTP. Only for a new data account; such an account keeps no blob versions.')
param sftpEnabled bool = false

@description('Public key of the SFTP user "exporter", as it stands in an .pub file; empty for no user.')
param sftpPublicKey string = ''

@description('Locks data account and vault against deletion. Take the locks away before removing anything.')
param locked bool = false

@description('Public access to the data account. Event Grid delivers as a trusted service; whether it still does when this is not Enabled, only a trial tells.')
@allowed(['Enabled', 'Disabled', 'SecuredByPerimeter'])
param dataPublicNetworkAccess string = 'Enabled'

@description('Public access to the function app, which has no function to call: deployments come in there. Disabled needs privateNetworking, and a deployment from inside the network.')
@allowed(['Enabled', 'Disabled'])
param appPublicNetworkAccess string = 'Enabled'

@description('Private endpoints for storage and vault, no public access to them, and outgoing traffic through a network.')
param privateNetworking bool = false

@description('Public IPv4 addresses (without /32) or ranges, comma-separated, that still reach the data account and the vault when privateNetworking is on.')
param allowedIpAddresses string = ''

@description('Address range of the network that privateNetworking makes, /24 or larger.')
param networkAddressPrefix string = '10.31.0.0/24'

// --- what is there already ------------------------------------------------------------------------------------------

@description('Resource ID of a subnet, delegated to Microsoft.App/environments, for the app\'s outgoing traffic; empty to make a network. Goes with existingEndpointsSubnetId.')
param existingAppSubnetId string = ''

@description('Resource ID of a subnet for private endpoints; empty to make a network. Goes with existingAppSubnetId.')
param existingEndpointsSubnetId string = ''

@description('Resource ID of the resource group that holds the private DNS zones; empty to make zones.')
param existingDnsZonesGroupId string = ''

@description('false where a policy of your organisation writes the DNS records of private endpoints: neither zones nor records are made.')
param privateDnsRecords bool = true

@description('Resource ID of a Log Analytics workspace to use; empty to make one.')
param existingWorkspaceId string = ''

@description('Resource ID of a Key Vault to use, in RBAC mode; empty to make one.')
param existingVaultId string = ''

@description('Name of the system topic the data account has already, in the same resource group, with a system-assigned identity; empty to make one.')
param existingSystemTopicName string = ''

// --- your conventions -----------------------------------------------------------------------------------------------

@description('Tags on every resource, beside azd\'s own.')
param tags tagValues = {}

@description('Names to use instead of the made-up ones; an empty object for none.')
param names resourceNames = {}

// ---------------------------------------------------------------------------------------------------------------------

// What cannot work is said before anything is made. Each check gives back the value, so that none can be left out.

var longestWait = max(retryDays, remapDays)
var exportsKeptDays = exportRetentionDays < longestWait + 7
  ? fail('exportRetentionDays is ${exportRetentionDays}: at least ${longestWait + 7}, 7 more than the larger of retryDays and remapDays.')
  : exportRetentionDays
var outcomesKeptDays = outcomeRetentionDays < exportsKeptDays + 30
  ? fail('outcomeRetentionDays is ${outcomeRetentionDays}: at least ${exportsKeptDays + 30}, 30 more than exportRetentionDays.')
  : outcomeRetentionDays
var checkedInvocationSeconds = invocationSeconds + connectorTimeoutSeconds > 2300
  ? fail('invocationSeconds and connectorTimeoutSeconds together are ${invocationSeconds + connectorTimeoutSeconds}: at most 2300, or the host ends an invocation that still waits.')
  : invocationSeconds
var existingSubnets = empty(existingAppSubnetId) != empty(existingEndpointsSubnetId)
  ? fail('existingAppSubnetId and existingEndpointsSubnetId go together: give both or none.')
  : !empty(existingAppSubnetId)
var appHasEndpoint = appPublicNetworkAccess == 'Disabled' && (privateNetworking
  ? true
  : fail('appPublicNetworkAccess Disabled needs privateNetworking: nothing could be deployed otherwise.'))

// --- names ----------------------------------------------------------------------------------------------------------

// Of a kind that Terraform can compute as well: changing over keeps the names.
var region = toLower(replace(location, ' ', ''))
var token = take(guid(toLower(subscription().subscriptionId), checkedEnvironmentName(environmentName), region), 8)
var allTags = union(tags, { 'azd-env-name': environmentName })

var identityName = names.?identity ?? 'id-gatepost-${token}'
var workspaceName = names.?workspace ?? 'log-gatepost-${token}'
var insightsName = names.?applicationInsights ?? 'appi-gatepost-${token}'
var dataAccountName = names.?dataAccount ?? 'stgatepost${token}'
var hostAccountName = names.?hostAccount ?? 'sthost${token}'
var planName = names.?plan ?? 'plan-gatepost-${token}'
var appName = names.?app ?? 'func-gatepost-${token}'
var actionGroupName = names.?actionGroup ?? 'ag-gatepost-${token}'
var vnetName = names.?virtualNetwork ?? 'vnet-gatepost-${token}'
var topicName = empty(existingSystemTopicName)
  ? names.?systemTopic ?? 'evgst-gatepost-${token}'
  : existingSystemTopicName

var exportsContainer = 'badging-exports'
var resultsContainer = 'badging-results'
var stateContainer = 'gatepost-state'
var sourcesContainer = 'gatepost-sources'
var deadLettersContainer = 'dead-letters'
var packageContainer = 'app-package'
var exportsQueue = 'badging-exports'
var poisonQueue = '${exportsQueue}-poison' // the host makes this name
var eventSubscriptionName = 'gatepost-exports'
var blobEndpoint = 'https://${dataAccountName}.blob.${environment().suffixes.storage}/'

var workspaceId = empty(existingWorkspaceId)
  ? resourceId('Microsoft.OperationalInsights/workspaces', workspaceName)
  : existingWorkspaceId

// A federated credential needs no vault. An existing one may lie in another resource group, even in another subscription.
var usesVault = connectorCredential != 'federated'
var makesVault = usesVault && empty(existingVaultId)
var vaultName = !usesVault
  ? ''
  : empty(existingVaultId) ? names.?vault ?? 'kv-gatepost-${token}' : last(split(existingVaultId, '/'))
var vaultId = empty(existingVaultId) ? resourceId('Microsoft.KeyVault/vaults', vaultName) : existingVaultId
var vaultUri = usesVault ? 'https://${vaultName}${environment().suffixes.keyvaultDns}' : ''
var credentialName = connectorCredential == 'certificate' ? appCertificateName : appSecretName

// --- network --------------------------------------------------------------------------------------------------------

var allowedAddresses = filter(map(split(allowedIpAddresses, ','), address => trim(address)), address => !empty(address))
var ownNetwork = privateNetworking && !existingSubnets
var appSubnetId = !privateNetworking
  ? ''
  : ownNetwork ? resourceId('Microsoft.Network/virtualNetworks/subnets', vnetName, 'app') : existingAppSubnetId
var endpointsSubnetId = ownNetwork
  ? resourceId('Microsoft.Network/virtualNetworks/subnets', vnetName, 'endpoints')
  : existingEndpointsSubnetId
var zoneNames = {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  queue: 'privatelink.queue.${environment().suffixes.storage}'
  dfs: 'privatelink.dfs.${environment().suffixes.storage}'
  vault: 'privatelink.vaultcore.azure.net'
  sites: 'privatelink.azurewebsites.net'
}
var dataAccountId = resourceId('Microsoft.Storage/storageAccounts', dataAccountName)
var endpoints = privateNetworking
  ? concat(
      [
        { name: 'data-blob', resource: dataAccountId, part: 'blob' }
        { name: 'data-queue', resource: dataAccountId, part: 'queue' }
        { name: 'host-blob', resource: resourceId('Microsoft.Storage/storageAccounts', hostAccountName), part: 'blob' }
      ],
      usesVault ? [{ name: 'vault', resource: vaultId, part: 'vault' }] : [],
      sftpEnabled ? [{ name: 'data-dfs', resource: dataAccountId, part: 'dfs' }] : []
    )
  : []
var zoneParts = concat(
  ['blob', 'queue'],
  usesVault ? ['vault'] : [],
  sftpEnabled ? ['dfs'] : [],
  appHasEndpoint ? ['sites'] : []
)
var makesZones = privateNetworking && privateDnsRecords && empty(existingDnsZonesGroupId)
var zonesGroupId = empty(existingDnsZonesGroupId) ? resourceGroup().id : existingDnsZonesGroupId
var zonesPrefix = privateDnsRecords ? '${zonesGroupId}/providers/Microsoft.Network/privateDnsZones/' : ''

// --- everything, in the order in which it must exist ----------------------------------------------------------------

module appIdentity 'identity.bicep' = {
  params: { name: identityName, location: location, tags: allTags }
}

module monitoring 'monitoring.bicep' = {
  dependsOn: [appIdentity]
  params: {
    location: location
    tags: allTags
    insightsName: insightsName
    workspaceName: workspaceName
    workspaceId: workspaceId
    makesWorkspace: empty(existingWorkspaceId)
    logRetentionDays: logRetentionDays
    logDailyCapGb: logDailyCapGb
    identityName: identityName
  }
}

module data 'data.bicep' = {
  dependsOn: [monitoring]
  params: {
    name: dataAccountName
    location: location
    tags: allTags
    sku: storageSku
    infrastructureEncryption: infrastructureEncryption
    sftpEnabled: sftpEnabled
    sftpPublicKey: sftpPublicKey
    locked: locked
    publicNetworkAccess: dataPublicNetworkAccess
    privateNetworking: privateNetworking
    allowedAddresses: allowedAddresses
    exportsContainer: exportsContainer
    resultsContainer: resultsContainer
    stateContainer: stateContainer
    sourcesContainer: sourcesContainer
    deadLettersContainer: deadLettersContainer
    exportsQueue: exportsQueue
    poisonQueue: poisonQueue
    kept: {
      exports: exportsKeptDays
      outcomes: outcomesKeptDays
      rejected: longestWait + 30
      eventRuns: repeatDays + 2
      resendRuns: retryDays + 2
      openFiles: max(repeatDays, retryDays) + 2
    }
    workspaceId: workspaceId
  }
}

module host 'host.bicep' = {
  dependsOn: [appIdentity, monitoring]
  params: {
    name: hostAccountName
    location: location
    tags: allTags
    zoneRedundant: zoneRedundant
    infrastructureEncryption: infrastructureEncryption
    privateNetworking: privateNetworking
    packageContainer: packageContainer
    workspaceId: workspaceId
    identityName: identityName
  }
}

module keyVault 'vault.bicep' = if (makesVault) {
  dependsOn: [monitoring]
  params: {
    name: vaultName
    location: location
    tags: allTags
    locked: locked
    privateNetworking: privateNetworking
    allowedAddresses: allowedAddresses
    workspaceId: workspaceId
  }
}

module topic 'topic.bicep' = if (empty(existingSystemTopicName)) {
  dependsOn: [data]
  params: {
    name: topicName
    location: location
    tags: allTags
    dataAccountName: dataAccountName
  }
}

// Early: a new role takes minutes to work, and Event Grid checks its own when the subscription is made, at the very end.
module topicRoles 'topic-roles.bicep' = {
  dependsOn: [data, topic]
  params: {
    topicName: topicName
    dataAccountName: dataAccountName
    exportsQueue: exportsQueue
    deadLettersContainer: deadLettersContainer
  }
}

module dataRoles 'data-roles.bicep' = {
  dependsOn: [data]
  params: {
    dataAccountName: dataAccountName
    exportsContainer: exportsContainer
    resultsContainer: resultsContainer
    stateContainer: stateContainer
    sourcesContainer: sourcesContainer
    deadLettersContainer: deadLettersContainer
    exportsQueue: exportsQueue
    poisonQueue: poisonQueue
    identityName: identityName
    appWritesSources: peopleFromEntra
    exporterObjectId: exporterObjectId
    readersObjectId: readersObjectId
    operatorsObjectId: operatorsObjectId
  }
}

module secretRoles 'secret-roles.bicep' = if (usesVault) {
  scope: resourceGroup(split(vaultId, '/')[2], split(vaultId, '/')[4])
  dependsOn: [appIdentity, keyVault]
  params: {
    vaultName: vaultName
    secretName: credentialName
    operatorsMaySet: connectorCredential == 'secret'
    identityName: identityName
    identitySubscriptionId: subscription().subscriptionId
    identityGroupName: resourceGroup().name
    operatorsObjectId: operatorsObjectId
  }
}

module network 'network.bicep' = if (ownNetwork) {
  params: {
    location: location
    tags: allTags
    vnetName: vnetName
    gatewayName: names.?natGateway ?? 'ng-gatepost-${token}'
    addressName: names.?publicIpAddress ?? 'pip-gatepost-${token}'
    securityGroupName: names.?networkSecurityGroup ?? 'nsg-gatepost-${token}'
    addressPrefix: networkAddressPrefix
  }
}

module zones 'zone.bicep' = [
  for part in zoneParts: if (makesZones) {
    name: 'zone-${part}'
    dependsOn: [network]
    params: {
      name: zoneNames[part]
      tags: allTags
      vnetId: ownNetwork
        ? resourceId('Microsoft.Network/virtualNetworks', vnetName)
        : join(take(split(existingEndpointsSubnetId, '/'), 9), '/')
    }
  }
]

@batchSize(1) // an account takes one change of its connections at a time
module privateEndpoints 'endpoint.bicep' = [
  for endpoint in endpoints: {
    name: 'endpoint-${endpoint.name}'
    dependsOn: [data, host, keyVault, network, zones]
    params: {
      name: 'pep-gatepost-${endpoint.name}-${token}'
      location: location
      tags: allTags
      connection: endpoint.name
      resource: endpoint.resource
      part: endpoint.part
      subnetId: endpointsSubnetId
      zoneId: empty(zonesPrefix) ? '' : '${zonesPrefix}${zoneNames[endpoint.part]}'
    }
  }
]

module functionApp 'app.bicep' = {
  dependsOn: [data, dataRoles, host, monitoring, network, privateEndpoints, secretRoles]
  params: {
    name: appName
    planName: planName
    location: location
    tags: allTags
    identityName: identityName
    hostAccountName: hostAccountName
    packageContainer: packageContainer
    dataAccountName: dataAccountName
    insightsName: insightsName
    maximumInstances: maximumInstances
    zoneRedundant: zoneRedundant
    publicNetworkAccess: appPublicNetworkAccess
    subnetId: appSubnetId
    settings: {
      EXPORTS_QUEUE: exportsQueue
      UPLOAD_SCHEDULE: uploadSchedule
      EXPORTS_CONTAINER: exportsContainer
      RESULTS_CONTAINER: resultsContainer
      STATE_CONTAINER: stateContainer
      SOURCES_CONTAINER: sourcesContainer
      CONNECTOR_TENANT_ID: connectorTenantId
      CONNECTOR_APP_ID: connectorAppId
      CONNECTOR_JOB_ID: connectorJobId
      CONNECTOR_CREDENTIAL: connectorCredential
      KEY_VAULT_URI: vaultUri
      APP_SECRET_NAME: appSecretName
      APP_CERTIFICATE_NAME: appCertificateName
      FEDERATED_AUDIENCE: federatedAudience
      CONNECTOR_CLOUD: connectorCloud
      CONNECTOR_URL: connectorUrl
      CONNECTOR_SCOPE: connectorScope
      ENTRA_AUTHORITY: entraAuthority
      BATCH_MAX_RECORDS: string(batchMaxRecords)
      BATCH_MAX_BYTES: string(batchMaxBytes)
      CONNECTOR_SENDING: connectorSending
      EVENTS_NOT_BEFORE: eventsNotBefore
      CONNECTOR_TIMEOUT_SECONDS: string(connectorTimeoutSeconds)
      CONNECTOR_PARALLEL_REQUESTS: string(connectorParallelRequests)
      REPEAT_DAYS: string(repeatDays)
      REMAP_DAYS: string(remapDays)
      PEOPLE_FROM_ENTRA: peopleFromEntra ? 'true' : 'false'
      EXPORTS_RETENTION_DAYS: string(exportsKeptDays)
      OUTCOMES_RETENTION_DAYS: string(outcomesKeptDays)
      REPORT_ZONE: reportZone
      RETRY_MAX_SECONDS: string(retryMaxSeconds)
      INVOCATION_SECONDS: string(checkedInvocationSeconds)
      RETRY_DAYS: string(retryDays)
      MAX_INVALID_PERCENT: string(maxInvalidPercent)
      MAX_EXPORT_BYTES: string(maxExportBytes)
    }
  }
}

module appEndpoint 'endpoint.bicep' = if (appHasEndpoint) {
  name: 'endpoint-app'
  dependsOn: [functionApp, zones]
  params: {
    name: 'pep-gatepost-app-${token}'
    location: location
    tags: allTags
    connection: 'app'
    resource: resourceId('Microsoft.Web/sites', appName)
    part: 'sites'
    subnetId: endpointsSubnetId
    zoneId: empty(zonesPrefix) ? '' : '${zonesPrefix}${zoneNames.sites}'
  }
}

module alerts 'alerts.bicep' = {
  dependsOn: [monitoring, topic]
  params: {
    token: token
    location: location
    tags: allTags
    actionGroupName: actionGroupName
    existingActionGroupId: existingActionGroupId
    email: alertEmail
    rejectedPercent: rejectedPercent
    noRecordsHours: noRecordsHours
    dailyNotice: dailyNotice
    insightsName: insightsName
    topicName: topicName
    subscriptionName: eventSubscriptionName
  }
}

// Last, so that the roles of the topic have had the time that app and alerts take.
module events 'events.bicep' = {
  dependsOn: [alerts, functionApp, topicRoles]
  params: {
    topicName: topicName
    name: eventSubscriptionName
    dataAccountName: dataAccountName
    exportsContainer: exportsContainer
    exportsQueue: exportsQueue
    deadLettersContainer: deadLettersContainer
  }
}

@description('Resource group of everything above.')
output AZURE_RESOURCE_GROUP string = resourceGroup().name

@description('The function app; the package is deployed to it.')
output FUNCTION_APP_NAME string = appName

@description('The account that exports are uploaded to.')
output DATA_ACCOUNT_NAME string = dataAccountName

@description('Where exports are uploaded.')
output EXPORTS_URL string = '${blobEndpoint}${exportsContainer}'

@description('Where outcomes and rejected records are written.')
output RESULTS_URL string = '${blobEndpoint}${resultsContainer}'

@description('Where sources are described.')
output SOURCES_URL string = '${blobEndpoint}${sourcesContainer}'

@description('The vault the secret or certificate belongs into; empty if none is needed.')
output KEY_VAULT_NAME string = vaultName

@description('The secret\'s name in the vault.')
output APP_SECRET_NAME string = appSecretName

@description('Who is told by alerts; empty for nobody.')
output ALERTS_GO_TO string = empty(existingActionGroupId) ? alertEmail : existingActionGroupId

@description('The app\'s address on the internet when privateNetworking makes a network; otherwise empty.')
output OUTBOUND_IP_ADDRESS string = ownNetwork ? network!.outputs.outboundIpAddress : ''
