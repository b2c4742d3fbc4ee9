"""The names of all properties that the Docker provider knows, of the resources that a stack is made of.

Told from the provider's SDK, 5.2.0: inputs and outputs, and those of the groups in them. A test tells them again,
so that a new version of the provider shows here. Tables with keys of one's own (`logOpts`) aren't listed.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PROPERTIES"]

_NAMES = """
Container: attach bridge capabilities cgroupParent cgroupnsMode command containerLogs
  containerReadRefreshTimeoutMilliseconds cpuPeriod cpuQuota cpuSet cpuShares cpus destroyGraceSeconds
  deviceCgroupRules deviceReadBps deviceReadIops deviceRequests deviceWriteBps deviceWriteIops devices dns
  dnsOpts dnsSearches domainname entrypoints envs exitCode gpus groupAdds healthcheck hostname hosts id image
  init ipcMode labels logDriver logOpts logs maxRetryCount memory memoryReservation memorySwap mounts mustRun
  name networkDatas networkMode networksAdvanced pidMode platform ports privileged publishAllPorts readOnly
  removeVolumes restart rm runtime securityOpts shmSize start stdinOpen stopSignal stopTimeout storageOpts
  sysctls tmpfs tty ulimits uploads user usernsMode volumes wait waitTimeout workingDir
Container.capabilities: adds drops
Container.deviceReadBps: path rate
Container.deviceReadIops: path rate
Container.deviceRequests: capabilities count deviceIds driver options
Container.deviceWriteBps: path rate
Container.deviceWriteIops: path rate
Container.devices: containerPath hostPath permissions
Container.healthcheck: interval retries startInterval startPeriod tests timeout
Container.hosts: host ip
Container.labels: label value
Container.mounts: bindOptions readOnly source target tmpfsOptions type volumeOptions
Container.mounts.bindOptions: propagation
Container.mounts.tmpfsOptions: mode sizeBytes
Container.mounts.volumeOptions: driverName driverOptions labels noCopy subpath
Container.mounts.volumeOptions.labels: label value
Container.networksAdvanced: aliases driverOpts gwPriority ipv4Address ipv6Address linkLocalIps macAddress name
Container.ports: external internal ip protocol
Container.ulimits: hard name soft
Container.uploads: content contentBase64 executable file group owner permissions source sourceHash
Container.volumes: containerPath fromContainer hostPath readOnly selinuxRelabel volumeName
Network: attachable driver id ingress internal ipamConfigs ipamDriver ipamOptions ipv6 labels name options scope
Network.ipamConfigs: auxAddress gateway ipRange subnet
Network.labels: label value
RegistryImage: authConfig build id insecureSkipVerify keepRemotely name sha256Digest triggers
RegistryImage.authConfig: address password username
RegistryImage.build: additionalContexts authConfigs buildArgs buildId buildLogFile builder cacheFroms cacheTos
  cgroupParent context cpuPeriod cpuQuota cpuSetCpus cpuSetMems cpuShares dockerfile extraHosts forceRemove
  isolation label labels memory memorySwap networkMode noCache platform provenance pullParent remoteContext
  remove sbom secrets securityOpts sessionId shmSize squash suppressOutput tags target ulimits useLegacyBuilder
  version
RegistryImage.build.authConfigs: auth email hostName identityToken password registryToken serverAddress userName
RegistryImage.build.secrets: env id src
RegistryImage.build.ulimits: hard name soft
RemoteImage: build forceRemove id imageId keepLocally name platform pullTriggers repoDigest triggers
RemoteImage.build: additionalContexts authConfigs buildArgs buildId buildLogFile builder cacheFroms cacheTos
  cgroupParent context cpuPeriod cpuQuota cpuSetCpus cpuSetMems cpuShares dockerfile extraHosts forceRemove
  isolation label labels memory memorySwap networkMode noCache platform provenance pullParent remoteContext
  remove sbom secrets securityOpts sessionId shmSize squash suppressOutput tags target ulimits useLegacyBuilder
  version
RemoteImage.build.authConfigs: auth email hostName identityToken password registryToken serverAddress userName
RemoteImage.build.secrets: env id src
RemoteImage.build.ulimits: hard name soft
Secret: data id labels name
Secret.labels: label value
Service: auth convergeConfig endpointSpec id labels mode name rollbackConfig taskSpec updateConfig
Service.auth: password serverAddress username
Service.convergeConfig: delay timeout
Service.endpointSpec: mode ports
Service.endpointSpec.ports: name protocol publishMode publishedPort targetPort
Service.labels: label value
Service.mode: global replicated
Service.mode.replicated: replicas
Service.rollbackConfig: delay failureAction maxFailureRatio monitor order parallelism
Service.taskSpec: containerSpec forceUpdate logDriver networksAdvanceds placement resources restartPolicy runtime
Service.taskSpec.containerSpec: args capAdds capDrops commands configs dir dnsConfig env groups healthcheck
  hostname hosts image init isolation labels mounts privileges readOnly secrets stopGracePeriod stopSignal sysctl
  user
Service.taskSpec.containerSpec.configs: configId configName fileGid fileMode fileName fileUid
Service.taskSpec.containerSpec.dnsConfig: nameservers options searches
Service.taskSpec.containerSpec.healthcheck: interval retries startPeriod tests timeout
Service.taskSpec.containerSpec.hosts: host ip
Service.taskSpec.containerSpec.labels: label value
Service.taskSpec.containerSpec.mounts: bindOptions readOnly source target tmpfsOptions type volumeOptions
Service.taskSpec.containerSpec.mounts.bindOptions: propagation
Service.taskSpec.containerSpec.mounts.tmpfsOptions: mode sizeBytes
Service.taskSpec.containerSpec.mounts.volumeOptions: driverName driverOptions labels noCopy
Service.taskSpec.containerSpec.mounts.volumeOptions.labels: label value
Service.taskSpec.containerSpec.privileges: credentialSpec seLinuxContext
Service.taskSpec.containerSpec.privileges.credentialSpec: file registry
Service.taskSpec.containerSpec.privileges.seLinuxContext: disable level role type user
Service.taskSpec.containerSpec.secrets: fileGid fileMode fileName fileUid secretId secretName
Service.taskSpec.logDriver: name options
Service.taskSpec.networksAdvanceds: aliases driverOpts id name
Service.taskSpec.placement: constraints maxReplicas platforms prefs
Service.taskSpec.placement.platforms: architecture os
Service.taskSpec.resources: limits reservation
Service.taskSpec.resources.limits: memoryBytes nanoCpus
Service.taskSpec.resources.reservation: genericResources memoryBytes nanoCpus
Service.taskSpec.resources.reservation.genericResources: discreteResourcesSpecs namedResourcesSpecs
Service.taskSpec.restartPolicy: condition delay maxAttempts window
Service.updateConfig: delay failureAction maxFailureRatio monitor order parallelism
ServiceConfig: data dataRaw id labels name
ServiceConfig.labels: label value
Tag: id sourceImage sourceImageId tagTriggers targetImage
Volume: cluster driver driverOpts id labels mountpoint name
Volume.cluster: availability group id limitBytes requiredBytes scope sharing topologyPreferred topologyRequired
  type
Volume.labels: label value
"""


def _read() -> dict[str, frozenset[str]]:
    lines = _NAMES.replace("\n  ", " ").strip().splitlines()
    return {path: frozenset(names.split()) for path, _, names in (line.partition(":") for line in lines)}


PROPERTIES: Mapping[str, frozenset[str]] = _read()
