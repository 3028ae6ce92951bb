namespace Agb.Engine.Tests.Sandbox;

/// <summary>Which host user sessions of root's engine are, by the ids that there are.</summary>
public sealed class IdentityTests
{
    [Theory]
    [InlineData("         0          0 4294967295\n", SandboxIdentity.RootModeHostId)]
    [InlineData("0 100000 65536\n", 65535u)]
    [InlineData("0 1000 1\n1 100000 65536\n", 65536u)]
    [InlineData("1 100000 65536\n0 1000 1\n", 65536u)]
    [InlineData("0 0 1900000000\n", SandboxIdentity.RootModeHostId)]
    [InlineData("0 1000 1\n", 0u)]
    [InlineData("", 0u)]
    public void Is_the_fixed_one_or_the_highest(string map, uint id) => SandboxIdentity.RootModeId(IdMap.Parse(map)).ShouldBe(id);

    [Fact]
    public void Ids_beside_the_ranges_do_not_exist()
    {
        var map = IdMap.Parse("0 1000 1\n10 100000 5\n");
        Enumerable.Range(0, 20).Where(i => map.Has((uint)i)).ShouldBe([0, 10, 11, 12, 13, 14]);
    }
}
