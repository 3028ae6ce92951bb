namespace Agb.Engine.Tests.Conformance;

public sealed class OverlayCommandOutputTests(OverlayFixture fixture) : CommandOutputTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayCommandTests(OverlayFixture fixture) : CommandTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayCommandStreamTests(OverlayFixture fixture) : CommandStreamTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayContextTests(OverlayFixture fixture) : ContextTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayRenameTests(OverlayFixture fixture) : RenameTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayContextFileTests(OverlayFixture fixture) : ContextFileTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayContextFileChangeTests(OverlayFixture fixture) : ContextFileChangeTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayContextFileSessionTests(OverlayFixture fixture) : ContextFileSessionTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayClearTests(OverlayFixture fixture) : ClearTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayRestoreTests(OverlayFixture fixture) : RestoreTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayDownloadTests(OverlayFixture fixture) : DownloadTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayGuideWorkflowTests(OverlayFixture fixture) : GuideWorkflowTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayHomeMountTests(OverlayFixture fixture) : HomeMountTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayMappingTests(OverlayFixture fixture) : MappingTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayMergeTests(OverlayFixture fixture) : MergeTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayPolicyTests(OverlayFixture fixture) : PolicyTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayReplacementTests(OverlayFixture fixture) : ReplacementTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlaySubtreeTests(OverlayFixture fixture) : SubtreeTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayFileAttributeTests(OverlayFixture fixture) : FileAttributeTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayFileKindTests(OverlayFixture fixture) : FileKindTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayFileNameTests(OverlayFixture fixture) : FileNameTests(fixture), IClassFixture<OverlayFixture>;
public sealed class OverlayFoundFileTests(OverlayFixture fixture) : FoundFileTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayVolumeTests(OverlayFixture fixture) : VolumeTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayCommandRefusalTests(OverlayFixture fixture) : CommandRefusalTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayPathRefusalTests(OverlayFixture fixture) : PathRefusalTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayPolicyRefusalTests(OverlayFixture fixture) : PolicyRefusalTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlaySessionRefusalTests(OverlayFixture fixture) : SessionRefusalTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayNetworkTests(OverlayFixture fixture) : NetworkTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlaySessionRemovalTests(OverlayFixture fixture) : SessionRemovalTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlaySessionTests(OverlayFixture fixture) : SessionTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlaySharingTests(OverlayFixture fixture) : SharingTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayIncrementalSyncTests(OverlayFixture fixture) : IncrementalSyncTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlaySyncStatusTests(OverlayFixture fixture) : SyncStatusTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayVersionTests(OverlayFixture fixture) : VersionTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayLineTests(OverlayFixture fixture) : LineTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayCodeTests(OverlayFixture fixture) : CodeTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlayPythonTests(OverlayFixture fixture) : PythonTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlaySessionChangeTests(OverlayFixture fixture) : SessionChangeTests(fixture), IClassFixture<OverlayFixture>;

public sealed class OverlaySessionLimitTests(OverlayFixture fixture) : SessionLimitTests(fixture), IClassFixture<OverlayFixture>;
