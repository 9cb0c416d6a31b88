// A new blob among the exports becomes a message on the queue. Event Grid delivers with the topic's own identity, so
// there is no key, no inbound endpoint, and nothing to do after the code is deployed. Event Grid checks at once that it
// may write: the roles are in topic-roles.bicep, and this is made last.
param topicName string
param name string
param dataAccountName string
param exportsContainer string
param exportsQueue string
param deadLettersContainer string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataAccountName
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: name
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    deliveryWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          resourceId: account.id
          queueName: exportsQueue
          queueMessageTimeToLiveInSeconds: -1 // never: an export waits as long as the app is down
        }
      }
    }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: account.id, blobContainerName: deadLettersContainer }
      }
    }
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated', 'Microsoft.Storage.BlobRenamed']
      subjectBeginsWith: '/blobServices/default/containers/${exportsContainer}/blobs/' // ends in /blobs/, or badging-exports-2 would match
      enableAdvancedFilteringOnArrays: true
      // Each of these ends an upload, or gives it its final name; CreateFile, for one, is only its beginning.
      advancedFilters: [
        {
          operatorType: 'StringIn'
          key: 'data.api'
          values: ['PutBlob', 'PutBlockList', 'CopyBlob', 'FlushWithClose', 'SftpCommit', 'RenameFile', 'SftpRename']
        }
      ]
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 } // the most Event Grid offers
  }
}
