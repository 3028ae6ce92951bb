using System.Text.Json;

namespace Agb.Server.Tests.Tools;

public sealed class DirectoryToolTests(ToolFixture fixture) : ToolTest(fixture)
{
    [Fact]
    public async Task A_directory_is_created_once_and_for_all()
    {
        var folder = await NewDirectoryAsync();
        await CallAsync("create_directory", new { path = folder + "/a/b/" });
        await CallAsync("create_directory", new { path = folder + "/a/b" });
        (await ShellAsync($"find {folder} -type d | wc -l")).Trim().ShouldBe("3");
        await ShellAsync($"touch {folder}/f");
        (await FailsAsync("create_directory", new { path = folder + "/f" })).ShouldContain("/f");
    }

    [Fact]
    public async Task A_directory_is_listed_by_name()
    {
        var folder = await NewDirectoryAsync();
        (await CallAsync("list_directory", new { path = folder })).ShouldBe("");
        await ShellAsync($"cd {folder} && mkdir d 'e f' && touch b a .hidden && ln -s d c && ln -s nowhere g");
        (await CallAsync("list_directory", new { path = folder + "/" })).ShouldBe(
            "[FILE] .hidden\n[FILE] a\n[FILE] b\n[DIR] c\n[DIR] d\n[DIR] e f\n[FILE] g");
        (await FailsAsync("list_directory", new { path = folder + "/a" })).ShouldContain("not a directory");
        (await FailsAsync("list_directory", new { path = folder + "/none" })).ShouldContain("no such directory");
    }

    [Fact]
    public async Task Files_are_found_by_pattern()
    {
        var folder = await NewDirectoryAsync();
        await ShellAsync($"cd {folder} && mkdir -p a/b node_modules && touch x.txt a/y.txt a/b/z.txt a/b/z.md node_modules/n.txt");
        (await CallAsync("search_files", new { path = folder, pattern = "*.txt", excludePatterns = new[] { "node_modules" } }))
            .ShouldBe($"{folder}/a/b/z.txt\n{folder}/a/y.txt\n{folder}/x.txt");
        (await CallAsync("search_files", new { path = folder, pattern = "**/z.*" })).ShouldBe($"{folder}/a/b/z.md\n{folder}/a/b/z.txt");
        (await CallAsync("search_files", new { path = folder, pattern = "a/*.txt" })).ShouldBe($"{folder}/a/b/z.txt\n{folder}/a/y.txt");
        (await CallAsync("search_files", new { path = folder, pattern = "*.none" })).ShouldBe("No matches found");
        (await FailsAsync("search_files", new { path = folder + "/none", pattern = "*" })).ShouldContain("no such directory");
        await ShellAsync($"cd {folder} && mkdir -p '[a]*/b' && touch '[a]*/b/f'");
        (await CallAsync("search_files", new { path = folder + "/[a]*", pattern = "b/f" })).ShouldBe($"{folder}/[a]*/b/f");
    }

    [Fact]
    public async Task Changes_are_told_once()
    {
        var folder = await NewDirectoryAsync();
        await ShellAsync($"cd {folder} && echo 1 > changed && echo 1 > deleted && mkdir d");
        (await CallAsync("get_file_change", new { path = folder })).ShouldBe("[]");
        (await CallAsync("get_file_change", new { path = folder })).ShouldBe("[]");
        await ShellAsync($"cd {folder} && echo 2 > changed && rm deleted && echo 1 > 'd/new one' && mkdir e");
        var changes = JsonDocument.Parse(await CallAsync("get_file_change", new { path = folder + "/" })).RootElement.EnumerateArray()
            .Select(c => $"{c.GetProperty("eventType")} {c.GetProperty("pathType")} {c.GetProperty("path")}");
        changes.ShouldBe([
            $"modify file {folder}/changed", $"create file {folder}/d/new one", $"delete file {folder}/deleted", $"create directory {folder}/e"]);
        (await CallAsync("get_file_change", new { path = folder })).ShouldBe("[]");
        await FailsAsync("get_file_change", new { path = folder + "/changed" });
    }
}
