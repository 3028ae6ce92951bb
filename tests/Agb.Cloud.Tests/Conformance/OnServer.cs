namespace Agb.Cloud.Tests.Conformance;

public sealed class ServerCommandOutputTests(ServerFixture fixture) : CommandOutputTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerCommandTests(ServerFixture fixture) : CommandTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerCommandStreamTests(ServerFixture fixture) : CommandStreamTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerContextTests(ServerFixture fixture) : ContextTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerRenameTests(ServerFixture fixture) : RenameTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerContextFileTests(ServerFixture fixture) : ContextFileTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerContextFileChangeTests(ServerFixture fixture) : ContextFileChangeTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerContextFileSessionTests(ServerFixture fixture) : ContextFileSessionTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerClearTests(ServerFixture fixture) : ClearTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerRestoreTests(ServerFixture fixture) : RestoreTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerDownloadTests(ServerFixture fixture) : DownloadTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerGuideWorkflowTests(ServerFixture fixture) : GuideWorkflowTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerHomeMountTests(ServerFixture fixture) : HomeMountTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerMappingTests(ServerFixture fixture) : MappingTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerMergeTests(ServerFixture fixture) : MergeTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerPolicyTests(ServerFixture fixture) : PolicyTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerReplacementTests(ServerFixture fixture) : ReplacementTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerSubtreeTests(ServerFixture fixture) : SubtreeTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerFileAttributeTests(ServerFixture fixture) : FileAttributeTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerFileKindTests(ServerFixture fixture) : FileKindTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerFileNameTests(ServerFixture fixture) : FileNameTests(fixture), IClassFixture<ServerFixture>;
public sealed class ServerFoundFileTests(ServerFixture fixture) : FoundFileTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerVolumeTests(ServerFixture fixture) : VolumeTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerCommandRefusalTests(ServerFixture fixture) : CommandRefusalTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerPathRefusalTests(ServerFixture fixture) : PathRefusalTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerPolicyRefusalTests(ServerFixture fixture) : PolicyRefusalTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerSessionRefusalTests(ServerFixture fixture) : SessionRefusalTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerNetworkTests(ServerFixture fixture) : NetworkTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerSessionRemovalTests(ServerFixture fixture) : SessionRemovalTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerSessionTests(ServerFixture fixture) : SessionTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerSharingTests(ServerFixture fixture) : SharingTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerIncrementalSyncTests(ServerFixture fixture) : IncrementalSyncTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerSyncStatusTests(ServerFixture fixture) : SyncStatusTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerVersionTests(ServerFixture fixture) : VersionTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerLineTests(ServerFixture fixture) : LineTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerCodeTests(ServerFixture fixture) : CodeTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerPythonTests(ServerFixture fixture) : PythonTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerSessionChangeTests(ServerFixture fixture) : SessionChangeTests(fixture), IClassFixture<ServerFixture>;

public sealed class ServerSessionLimitTests(ServerFixture fixture) : SessionLimitTests(fixture), IClassFixture<ServerFixture>;
