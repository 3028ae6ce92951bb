namespace Agb.Conformance.Refusals;

/// <summary>Tests of invalid mount paths: the refusal names the path, and nothing changes.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class PathRefusalTests : ServiceTest
{
    [Fact]
    public Task A_relative_mount_path_is_refused() => RefusesMountAsync(AgbErrorIds.InvalidPath, "home/data", "home/data");

    [Fact]
    public Task An_empty_mount_path_is_refused() => RefusesMountAsync(AgbErrorIds.InvalidPath, "", "empty");

    [Fact]
    public Task A_blank_mount_path_is_refused() => RefusesMountAsync(AgbErrorIds.InvalidPath, "  ", "empty");

    [Theory]
    [InlineData("/home/../etc")]
    [InlineData("/..")]
    [InlineData("/home/data/..")]
    public Task A_mount_path_with_a_step_up_is_refused(string path) => RefusesMountAsync(AgbErrorIds.InvalidPath, path, path);

    [Fact]
    public Task A_mount_path_with_a_NUL_is_refused() => RefusesMountAsync(AgbErrorIds.InvalidPath, "/home/a\0b", "NUL");

    [Fact]
    public Task A_mount_path_with_a_newline_is_refused() => RefusesMountAsync(AgbErrorIds.InvalidPath, "/home/a\nb", "control character");

    [Fact]
    public Task A_mount_path_that_is_too_long_is_refused() =>
        RefusesMountAsync(AgbErrorIds.InvalidPath, string.Concat(Enumerable.Repeat("/abcdefghi", 250)), "2500");

    [Fact]
    public Task A_mount_path_with_a_name_that_is_too_long_is_refused() =>
        RefusesMountAsync(AgbErrorIds.InvalidPath, "/home/" + new string('x', 256), "255");

    [Fact]
    public Task A_mount_path_that_is_no_text_is_refused() => RefusesMountAsync(AgbErrorIds.InvalidPath, "/home/\ud800", "UTF-8");

    [Theory]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/proc")]
    [InlineData("/proc/self")]
    [InlineData("/sys/kernel")]
    [InlineData("/dev/shm")]
    [InlineData("/usr")]
    [InlineData("/usr/local/")]
    [InlineData("/bin")]
    [InlineData("/lib64/x")]
    [InlineData("/etc")]
    [InlineData("/etc/./ssh")]
    [InlineData("/run/lock")]
    [InlineData("/var")]
    [InlineData("/var/tmp")]
    [InlineData("/tmp")]
    [InlineData("/tmp/")]
    [InlineData("/root")]
    [InlineData("/opt")]
    public Task A_mount_at_a_directory_of_the_system_is_refused(string path) => RefusesMountAsync(AgbErrorIds.ReservedPath, path, LinuxPath.Normalize(path));

    [Theory]
    [InlineData("/home/data", "/home/data")]
    [InlineData("/home/data", "/home//data/")]
    [InlineData("/home/data/", "/home/./data")]
    public async Task The_same_mount_path_twice_is_refused(string first, string second)
    {
        var (a, b) = (await NewContextAsync(), await NewContextAsync());
        (await RefusesSessionAsync(AgbErrorIds.OverlappingPaths, a.At(first), b.At(second))).Message.ShouldContain("/home/data");
    }

    [Theory]
    [InlineData("/home/data", "/home/data/sub")]
    [InlineData("/home/data/sub/deep", "/home/data")]
    public async Task A_mount_path_inside_another_is_refused(string first, string second)
    {
        var (a, b) = (await NewContextAsync(), await NewContextAsync());
        var error = await RefusesSessionAsync(AgbErrorIds.OverlappingPaths, a.At(first), b.At("/srv/bystander"), b.At(second));
        error.Message.ShouldContain(first);
        error.Message.ShouldContain(second);
    }

    [Fact]
    public async Task Paths_that_only_begin_alike_are_no_overlap()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At("/home/data"), context.At("/home/data2"), context.At("/home/dat"));
        session.ContextSyncs.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("home/data", "relative")]
    [InlineData("", "empty")]
    [InlineData("/a/../b", "'..'")]
    [InlineData("/a\0b", "NUL")]
    public async Task A_mapping_path_that_is_no_path_is_refused(string path, string because)
    {
        var context = await NewContextAsync();
        (await RefusesSessionAsync(AgbErrorIds.InvalidPath, context.At("/home/data", from: path))).Message.ShouldContain(because);
    }

    [Fact]
    public async Task A_mapping_path_that_is_too_long_is_refused()
    {
        var context = await NewContextAsync();
        await RefusesSessionAsync(AgbErrorIds.InvalidPath, context.At("/home/data", from: string.Concat(Enumerable.Repeat("/abcdefghi", 250))));
    }

    private async Task RefusesMountAsync(string errorId, string path, string mentioned)
    {
        var context = await NewContextAsync();
        var error = await RefusesSessionAsync(errorId, context.At(path));
        error.Message.ShouldContain(mentioned);
        error.Kind.ShouldBe(AgbErrorKind.InvalidInput);
    }
}
