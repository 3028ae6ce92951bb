namespace Agb.Engine.Tests.Conformance;

public sealed class CopyCommandOutputTests(CopyFixture fixture) : CommandOutputTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyCommandTests(CopyFixture fixture) : CommandTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyCommandStreamTests(CopyFixture fixture) : CommandStreamTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyContextTests(CopyFixture fixture) : ContextTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyRenameTests(CopyFixture fixture) : RenameTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyContextFileTests(CopyFixture fixture) : ContextFileTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyContextFileChangeTests(CopyFixture fixture) : ContextFileChangeTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyContextFileSessionTests(CopyFixture fixture) : ContextFileSessionTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyClearTests(CopyFixture fixture) : ClearTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyRestoreTests(CopyFixture fixture) : RestoreTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyDownloadTests(CopyFixture fixture) : DownloadTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyGuideWorkflowTests(CopyFixture fixture) : GuideWorkflowTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyHomeMountTests(CopyFixture fixture) : HomeMountTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyMappingTests(CopyFixture fixture) : MappingTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyMergeTests(CopyFixture fixture) : MergeTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyPolicyTests(CopyFixture fixture) : PolicyTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyReplacementTests(CopyFixture fixture) : ReplacementTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopySubtreeTests(CopyFixture fixture) : SubtreeTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyFileAttributeTests(CopyFixture fixture) : FileAttributeTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyFileKindTests(CopyFixture fixture) : FileKindTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyFileNameTests(CopyFixture fixture) : FileNameTests(fixture), IClassFixture<CopyFixture>;
public sealed class CopyFoundFileTests(CopyFixture fixture) : FoundFileTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyVolumeTests(CopyFixture fixture) : VolumeTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyCommandRefusalTests(CopyFixture fixture) : CommandRefusalTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyPathRefusalTests(CopyFixture fixture) : PathRefusalTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyPolicyRefusalTests(CopyFixture fixture) : PolicyRefusalTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopySessionRefusalTests(CopyFixture fixture) : SessionRefusalTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyNetworkTests(CopyFixture fixture) : NetworkTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopySessionRemovalTests(CopyFixture fixture) : SessionRemovalTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopySessionTests(CopyFixture fixture) : SessionTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopySharingTests(CopyFixture fixture) : SharingTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyIncrementalSyncTests(CopyFixture fixture) : IncrementalSyncTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopySyncStatusTests(CopyFixture fixture) : SyncStatusTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyVersionTests(CopyFixture fixture) : VersionTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopySessionChangeTests(CopyFixture fixture) : SessionChangeTests(fixture), IClassFixture<CopyFixture>;
