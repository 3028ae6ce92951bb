using Agb.Server;

namespace Agb.Server.Tests;

public sealed class ToolCatalogTests
{
    [Fact]
    public void A_tool_that_does_not_exist_is_not_found() => new ToolCatalog().Find("no_such_tool").ShouldBeNull();
}
