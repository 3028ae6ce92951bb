namespace Agb.Core.Tests;

public sealed class LinuxPathTests
{
    [Theory]
    [InlineData("/home/data", "/home/data")]
    [InlineData("/home/data/", "/home/data")]
    [InlineData("//home///data//", "/home/data")]
    [InlineData("/home/./data/.", "/home/data")]
    [InlineData("/", "/")]
    [InlineData("///", "/")]
    [InlineData("/.", "/")]
    [InlineData("/a b/ c", "/a b/ c")]
    [InlineData("/...", "/...")]
    [InlineData("/..a/b..", "/..a/b..")]
    [InlineData("/ä/数据/😀", "/ä/数据/😀")]
    [InlineData("/a\\b,c:d=e*?[f]", "/a\\b,c:d=e*?[f]")]
    public void A_path_is_made_normal(string given, string normal) => LinuxPath.Normalize(given).ShouldBe(normal);

    [Theory]
    [InlineData(null, "empty")]
    [InlineData("", "empty")]
    [InlineData(" ", "empty")]
    [InlineData("home", "'home' is relative")]
    [InlineData("./home", "relative")]
    [InlineData("~/data", "relative")]
    [InlineData(" /home", "relative")]
    [InlineData("C:\\data", "relative")]
    [InlineData("/..", "'..'")]
    [InlineData("/a/../b", "'/a/../b' holds '..'")]
    [InlineData("/a/..", "'..'")]
    [InlineData("/a\0b", "'/a\\0b' holds a NUL")]
    [InlineData("\0", "NUL")]
    [InlineData("/a\nb", "\\x0a")]
    [InlineData("/a\u007f", "control character")]
    [InlineData("/a\u0085", "control character")]
    public void What_is_no_path_is_refused_with_the_reason(string? path, string because)
    {
        var error = Should.Throw<AgbException>(() => LinuxPath.Normalize(path, "mapping path"));
        (error.ErrorId, error.Kind, error.Target).ShouldBe((AgbErrorIds.InvalidPath, AgbErrorKind.InvalidInput, path));
        error.Message.ShouldContain("mapping path");
        error.Message.ShouldContain(because);
    }

    // Not as a theory: the compiler stores attributes as UTF-8, which can't hold these.
    [Fact]
    public void Half_of_a_character_is_refused()
    {
        foreach (var path in (string[])["/a\ud800", "/a\udc00b", "/\ud83d/\ude00"])
        {
            Should.Throw<AgbException>(() => LinuxPath.Normalize(path)).Message.ShouldContain("UTF-8");
        }
    }

    [Fact]
    public void A_path_may_have_as_many_bytes_as_the_limit_and_no_more()
    {
        var longest = string.Concat(Enumerable.Repeat("/" + new string('x', 255), 8));
        longest.Length.ShouldBe(LinuxPath.MaxPathBytes);
        LinuxPath.Normalize(longest).ShouldBe(longest);
        Should.Throw<AgbException>(() => LinuxPath.Normalize(longest + "/")).Message.ShouldContain("2049 bytes");
    }

    [Fact]
    public void A_path_is_measured_in_bytes_of_UTF8() =>
        Should.Throw<AgbException>(() => LinuxPath.Normalize("/" + string.Join('/', Enumerable.Repeat(new string('ä', 100), 11)))).ErrorId
            .ShouldBe(AgbErrorIds.InvalidPath);

    [Fact]
    public void A_name_may_have_255_bytes_and_no_more()
    {
        LinuxPath.Normalize("/" + new string('x', 255)).Length.ShouldBe(256);
        Should.Throw<AgbException>(() => LinuxPath.Normalize("/a/" + new string('x', 256))).Message.ShouldContain("255 bytes");
        Should.Throw<AgbException>(() => LinuxPath.Normalize("/a/" + new string('ä', 128))).Message.ShouldContain("255 bytes");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/proc")]
    [InlineData("/proc/1")]
    [InlineData("/sys")]
    [InlineData("/dev/shm")]
    [InlineData("/usr")]
    [InlineData("/usr/local/lib")]
    [InlineData("/bin")]
    [InlineData("/sbin")]
    [InlineData("/lib")]
    [InlineData("/lib32")]
    [InlineData("/lib64")]
    [InlineData("/libx32")]
    [InlineData("/etc")]
    [InlineData("/boot")]
    [InlineData("/nix/store")]
    [InlineData("/run")]
    [InlineData("/var/lib/x")]
    [InlineData("/tmp")]
    [InlineData("/var")]
    [InlineData("/var/tmp")]
    [InlineData("/opt")]
    [InlineData("/root")]
    public void Nothing_is_mounted_on_what_is_the_systems(string path)
    {
        LinuxPath.IsReserved(LinuxPath.Normalize(path)).ShouldBeTrue();
        var error = Should.Throw<AgbException>(() => LinuxPath.NormalizeMount(path));
        (error.ErrorId, error.Kind).ShouldBe((AgbErrorIds.ReservedPath, AgbErrorKind.InvalidInput));
        error.Remedy.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("/home")]
    [InlineData("/home/")]
    [InlineData("/home/data/")]
    [InlineData("/tmp/mapping")]
    [InlineData("/var/tmp/x")]
    [InlineData("/var/log/x")]
    [InlineData("/opt/x")]
    [InlineData("/root/x")]
    [InlineData("/srv")]
    [InlineData("/data")]
    [InlineData("/usr2")]
    [InlineData("/processes")]
    [InlineData("/var/library")]
    public void Other_paths_can_be_mounted_on(string path)
    {
        LinuxPath.NormalizeMount(path).ShouldBe(path.TrimEnd('/'));
        LinuxPath.IsReserved(path.TrimEnd('/')).ShouldBeFalse();
    }

    [Theory]
    [InlineData("/a", "/a", true)]
    [InlineData("/a/b", "/a", true)]
    [InlineData("/a/b/c", "/a", true)]
    [InlineData("/a", "/", true)]
    [InlineData("/", "/", true)]
    [InlineData("/ab", "/a", false)]
    [InlineData("/a", "/a/b", false)]
    [InlineData("/", "/a", false)]
    [InlineData("/A/b", "/a", false)]
    public void A_path_lies_at_or_below_another_by_whole_names(string path, string ancestor, bool expected) =>
        LinuxPath.IsAtOrBelow(path, ancestor).ShouldBe(expected);

    [Fact]
    public void Paths_beside_each_other_are_disjoint() => LinuxPath.RequireDisjoint(["/a/b", "/a/c", "/ab", "/a/bc"]);

    [Theory]
    [InlineData("/a", "/a", "mounted twice")]
    [InlineData("/a", "/a/b", "one inside the other")]
    [InlineData("/a/b/c", "/a", "one inside the other")]
    public void Paths_that_overlap_are_refused_by_name(string first, string second, string because)
    {
        var error = Should.Throw<AgbException>(() => LinuxPath.RequireDisjoint(["/x", first, "/y", second]));
        error.ErrorId.ShouldBe(AgbErrorIds.OverlappingPaths);
        error.Message.ShouldContain(because);
        error.Message.ShouldContain($"'{first}'");
        error.Message.ShouldContain($"'{second}'");
    }

    [Theory]
    [InlineData("a*", true)]
    [InlineData("a?b", true)]
    [InlineData("[a", true)]
    [InlineData("a]", true)]
    [InlineData("", false)]
    [InlineData("/a/b.c-{d}", false)]
    public void Wildcards_are_found(string path, bool expected) => LinuxPath.HasWildcard(path).ShouldBe(expected);

    [Fact]
    public void The_root_stands_for_the_whole_context_as_an_origin() => LinuxPath.NormalizeOrigin("//").ShouldBe("/");
}
