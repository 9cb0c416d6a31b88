// A network of our own, tighter retention, an address that still gets in, the function app closed too.
using '../main.bicep'

param environmentName = 'badging'
param location = 'westeurope'
param connectorTenantId = '00000000-0000-0000-0000-000000000003'
param connectorAppId = '00000000-0000-0000-0000-000000000004'
param connectorJobId = '00000000-0000-0000-0000-000000000005'
param privateNetworking = true
param appPublicNetworkAccess = 'Disabled'
param allowedIpAddresses = '203.0.113.7, 198.51.100.0/24,'
param zoneRedundant = true
param locked = true
param retryDays = 30
param exportRetentionDays = 40
param outcomeRetentionDays = 70
