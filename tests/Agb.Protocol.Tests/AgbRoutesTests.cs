namespace Agb.Protocol.Tests;

public sealed class AgbRoutesTests
{
    [Fact]
    public void Paths_have_the_letter_case_of_the_protocol() => AgbRoutes.CreateSession.ShouldBe("/mcp/createSession");
}
