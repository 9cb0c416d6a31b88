// Gatepost, all of it, in a resource group of its own: makes the group and hands everything else to resource-group.bicep,
// which is also an entry for people who own one resource group only. infra/terraform makes the same; tests hold the two
// against each other.
targetScope = 'subscription'

import { checkedEnvironmentName, resourceNames, tagValues } from 'types.bicep'

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

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.?resourceGroup ?? 'rg-${checkedEnvironmentName(environmentName)}'
  location: location
  tags: union(tags, { 'azd-env-name': environmentName })
}

module gatepost 'resource-group.bicep' = {
  scope: group
  params: {
    environmentName: environmentName
    location: location
    connectorTenantId: connectorTenantId
    connectorAppId: connectorAppId
    connectorJobId: connectorJobId
    connectorCloud: connectorCloud
    connectorUrl: connectorUrl
    connectorScope: connectorScope
    entraAuthority: entraAuthority
    connectorCredential: connectorCredential
    appSecretName: appSecretName
    appCertificateName: appCertificateName
    federatedAudience: federatedAudience
    connectorSending: connectorSending
    uploadSchedule: uploadSchedule
    reportZone: reportZone
    eventsNotBefore: eventsNotBefore
    batchMaxRecords: batchMaxRecords
    batchMaxBytes: batchMaxBytes
    connectorParallelRequests: connectorParallelRequests
    connectorTimeoutSeconds: connectorTimeoutSeconds
    retryMaxSeconds: retryMaxSeconds
    invocationSeconds: invocationSeconds
    retryDays: retryDays
    repeatDays: repeatDays
    remapDays: remapDays
    maxInvalidPercent: maxInvalidPercent
    maxExportBytes: maxExportBytes
    peopleFromEntra: peopleFromEntra
    maximumInstances: maximumInstances
    exportRetentionDays: exportRetentionDays
    outcomeRetentionDays: outcomeRetentionDays
    logRetentionDays: logRetentionDays
    logDailyCapGb: logDailyCapGb
    alertEmail: alertEmail
    existingActionGroupId: existingActionGroupId
    rejectedPercent: rejectedPercent
    noRecordsHours: noRecordsHours
    dailyNotice: dailyNotice
    exporterObjectId: exporterObjectId
    readersObjectId: readersObjectId
    operatorsObjectId: operatorsObjectId
    storageSku: storageSku
    zoneRedundant: zoneRedundant
    infrastructureEncryption: infrastructureEncryption
    sftpEnabled: sftpEnabled
    sftpPublicKey: sftpPublicKey
    locked: locked
    dataPublicNetworkAccess: dataPublicNetworkAccess
    appPublicNetworkAccess: appPublicNetworkAccess
    privateNetworking: privateNetworking
    allowedIpAddresses: allowedIpAddresses
    networkAddressPrefix: networkAddressPrefix
    existingAppSubnetId: existingAppSubnetId
    existingEndpointsSubnetId: existingEndpointsSubnetId
    existingDnsZonesGroupId: existingDnsZonesGroupId
    privateDnsRecords: privateDnsRecords
    existingWorkspaceId: existingWorkspaceId
    existingVaultId: existingVaultId
    existingSystemTopicName: existingSystemTopicName
    tags: tags
    names: names
  }
}

@description('Resource group of everything above.')
output AZURE_RESOURCE_GROUP string = gatepost.outputs.AZURE_RESOURCE_GROUP

@description('The function app; the package is deployed to it.')
output FUNCTION_APP_NAME string = gatepost.outputs.FUNCTION_APP_NAME

@description('The account that exports are uploaded to.')
output DATA_ACCOUNT_NAME string = gatepost.outputs.DATA_ACCOUNT_NAME

@description('Where exports are uploaded.')
output EXPORTS_URL string = gatepost.outputs.EXPORTS_URL

@description('Where outcomes and rejected records are written.')
output RESULTS_URL string = gatepost.outputs.RESULTS_URL

@description('Where sources are described.')
output SOURCES_URL string = gatepost.outputs.SOURCES_URL

@description('The vault the secret or certificate belongs into; empty if none is needed.')
output KEY_VAULT_NAME string = gatepost.outputs.KEY_VAULT_NAME

@description('The secret\'s name in the vault.')
output APP_SECRET_NAME string = gatepost.outputs.APP_SECRET_NAME

@description('Who is told by alerts; empty for nobody.')
output ALERTS_GO_TO string = gatepost.outputs.ALERTS_GO_TO

@description('The app\'s address on the internet when privateNetworking makes a network; otherwise empty.')
output OUTBOUND_IP_ADDRESS string = gatepost.outputs.OUTBOUND_IP_ADDRESS
