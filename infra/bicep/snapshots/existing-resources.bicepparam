// Workspace, vault, system topic and action group are there already; a certificate instead of a secret.
using '../main.bicep'

param environmentName = 'badging'
param location = 'westeurope'
param connectorTenantId = '00000000-0000-0000-0000-000000000003'
param connectorAppId = '00000000-0000-0000-0000-000000000004'
param connectorJobId = '00000000-0000-0000-0000-000000000005'
param existingWorkspaceId = '/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/log-theirs'
param existingVaultId = '/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-theirs'
param existingSystemTopicName = 'theirs'
param existingActionGroupId = '/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-alerts/providers/Microsoft.Insights/actionGroups/ag-theirs'
param connectorCredential = 'certificate'
param peopleFromEntra = true
param exporterObjectId = '00000000-0000-0000-0000-0000000000e1'
param readersObjectId = '00000000-0000-0000-0000-0000000000e2'
param operatorsObjectId = '00000000-0000-0000-0000-0000000000e3'
