// In a resource group that is there already; a federated credential, so no vault.
using '../resource-group.bicep'

param environmentName = 'badging'
param location = 'westeurope'
param connectorTenantId = '00000000-0000-0000-0000-000000000003'
param connectorAppId = '00000000-0000-0000-0000-000000000004'
param connectorJobId = '00000000-0000-0000-0000-000000000005'
param connectorCredential = 'federated'
param operatorsObjectId = '00000000-0000-0000-0000-0000000000e3'
param noRecordsHours = 0
param dailyNotice = true
