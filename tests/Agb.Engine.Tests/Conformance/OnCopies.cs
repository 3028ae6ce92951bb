using Agb.Conformance.Contexts;
using Agb.Conformance.Data;
using Agb.Conformance.Files;
using Agb.Conformance.Sync;

namespace Agb.Engine.Tests.Conformance;

public sealed class CopyContextTests(CopyFixture fixture) : ContextTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyDownloadTests(CopyFixture fixture) : DownloadTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyGuideWorkflowTests(CopyFixture fixture) : GuideWorkflowTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyMappingTests(CopyFixture fixture) : MappingTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyMergeTests(CopyFixture fixture) : MergeTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyPolicyTests(CopyFixture fixture) : PolicyTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyReplacementTests(CopyFixture fixture) : ReplacementTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopySubtreeTests(CopyFixture fixture) : SubtreeTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyFileAttributeTests(CopyFixture fixture) : FileAttributeTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyFileKindTests(CopyFixture fixture) : FileKindTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyFileNameTests(CopyFixture fixture) : FileNameTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyVolumeTests(CopyFixture fixture) : VolumeTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyIncrementalSyncTests(CopyFixture fixture) : IncrementalSyncTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopySyncStatusTests(CopyFixture fixture) : SyncStatusTests(fixture), IClassFixture<CopyFixture>;

public sealed class CopyVersionTests(CopyFixture fixture) : VersionTests(fixture), IClassFixture<CopyFixture>;
