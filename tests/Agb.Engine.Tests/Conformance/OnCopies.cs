using Agb.Conformance.Contexts;
using Agb.Conformance.Data;

namespace Agb.Engine.Tests.Conformance;

public sealed class CopyContextTests(CopyFixture f) : ContextTests(f), IClassFixture<CopyFixture>;

public sealed class CopyGuideWorkflowTests(CopyFixture f) : GuideWorkflowTests(f), IClassFixture<CopyFixture>;
