namespace Agb.Engine.Store.Tests;

public sealed class PathFilterTests
{
    [Theory]
    [InlineData("src", "src")]
    [InlineData("/src/", "src")]
    [InlineData("//src/./lib", "src/lib")]
    [InlineData("/home/data/src", "src")]
    [InlineData("/home/data", "")]
    [InlineData("home/data/src", "home/data/src")]
    [InlineData("/home/database/src", "home/database/src")]
    [InlineData("/", "")]
    public void A_path_is_relative_to_the_mount(string given, string expected) =>
        PathFilter.Relative(given, "/home/data").ShouldBe(expected);

    [Fact]
    public void Excludes_hold_for_their_own_entry_alone()
    {
        var filter = Of(new AgbWhiteList { Path = "a", ExcludePaths = ["b"] }, new AgbWhiteList { Path = "a/b/c" });
        filter.Covers("a").ShouldBeTrue();
        filter.Covers("a/x/y").ShouldBeTrue();
        filter.Covers("a/b").ShouldBeFalse();
        filter.LeadsTo("a/b").ShouldBeTrue();
        filter.Covers("a/b/c/d").ShouldBeTrue();
        filter.Covers("a/b/d").ShouldBeFalse();
        filter.Covers("ab").ShouldBeFalse();
        filter.CoversAllBelow("a").ShouldBeFalse();
        filter.CoversAllBelow("a/x").ShouldBeTrue();
    }

    [Fact]
    public void The_mount_itself_can_be_listed()
    {
        var filter = Of(new AgbWhiteList { Path = "/", ExcludePaths = ["tmp", ""] });
        filter.Covers("").ShouldBeTrue();
        filter.Covers("a").ShouldBeTrue();
        filter.Covers("tmp/x").ShouldBeFalse();
    }

    [Fact]
    public void Without_a_white_list_all_is_covered()
    {
        PathFilter.All.Covers("a/b").ShouldBeTrue();
        PathFilter.All.LeadsTo("a").ShouldBeFalse();
    }

    private static PathFilter Of(params AgbWhiteList[] lists) => PathFilter.Of(new AgbSyncPolicy { WhiteLists = lists }, "/home/data");
}
