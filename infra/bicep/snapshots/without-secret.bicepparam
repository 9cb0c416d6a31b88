// As it comes, with everybody named, and no secret anywhere: the app's identity proves the app registration.
using '../main.bicep'

param environmentName = 'badging'
param location = 'westeurope'
param connectorTenantId = '00000000-0000-0000-0000-000000000003'
param connectorAppId = '00000000-0000-0000-0000-000000000004'
param connectorJobId = '00000000-0000-0000-0000-000000000005'
param connectorCredential = 'federated'
param alertEmail = 'badging-operators@example.com'
param exporterObjectId = '00000000-0000-0000-0000-0000000000e1'
param readersObjectId = '00000000-0000-0000-0000-0000000000e2'
param operatorsObjectId = '00000000-0000-0000-0000-0000000000e3'
