using Agb.Conformance.Contexts;
using Agb.Conformance.Data;

namespace Agb.Engine.Tests.Conformance;

public sealed class CopyContextTests(CopyFixture f) : ContextTests(f), IClassFixture<CopyFixture>;

public sealed class CopyGuideWorkflowTests(CopyFixture f) : GuideWorkflowTests(f), IClassFixture<CopyFixture>;

public sealed class CopyMappingTests(CopyFixture f) : MappingTests(f), IClassFixture<CopyFixture>;

public sealed class CopySubtreeTests(CopyFixture f) : SubtreeTests(f), IClassFixture<CopyFixture>;

public sealed class CopyMergeTests(CopyFixture f) : MergeTests(f), IClassFixture<CopyFixture>;

public sealed class CopyReplacementTests(CopyFixture f) : ReplacementTests(f), IClassFixture<CopyFixture>;

public sealed class CopyPolicyTests(CopyFixture f) : PolicyTests(f), IClassFixture<CopyFixture>;

public sealed class CopyDownloadTests(CopyFixture f) : DownloadTests(f), IClassFixture<CopyFixture>;
