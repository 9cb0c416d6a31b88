// The app's one identity, for blobs, queue, vault and telemetry. It is made first, so that every role can be given
// before the app starts.
import { tagValues } from 'types.bicep'

param name string
param location string
param tags tagValues

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}
