using System.Text;

namespace Agb.Server.Tests.Tools;

public sealed class FileToolTests(ToolFixture fixture) : ToolTest(fixture)
{
    [Fact]
    public async Task What_is_written_is_read()
    {
        var folder = await NewDirectoryAsync();
        var path = folder + "/a b'c\"$d.txt";
        const string Content = "line\n'ä' \"€\" 😀 $HOME `id` \\ \0 end";
        await CallAsync("write_file", new { path, content = Content });
        (await CallAsync("read_file", new { path })).ShouldBe(Content);
        await CallAsync("write_file", new { path, content = "+", mode = "append" });
        (await CallAsync("read_file", new { path, offset = 0, length = 0 })).ShouldBe(Content + "+");
        await CallAsync("write_file", new { path, content = "", mode = "overwrite" });
        (await CallAsync("read_file", new { path })).ShouldBe("");
    }

    [Fact]
    public async Task A_new_file_never_replaces_one()
    {
        var path = await NewDirectoryAsync() + "/f";
        await CallAsync("write_file", new { path, content = "1", mode = "create_new" });
        (await FailsAsync("write_file", new { path, content = "2", mode = "create_new" })).ShouldContain(path);
        (await CallAsync("read_file", new { path })).ShouldBe("1");
    }

    [Fact]
    public async Task A_character_that_two_pieces_share_is_whole_in_the_file()
    {
        var path = await NewDirectoryAsync() + "/f";
        (await AskAsync("write_file", $$"""{"path":"{{path}}","content":"a\ud83d","mode":"overwrite"}""")).IsError.ShouldBeFalse();
        (await AskAsync("write_file", $$"""{"path":"{{path}}","content":"\ude00b\ud83d","mode":"append"}""")).IsError.ShouldBeFalse();
        (await AskAsync("write_file", $$"""{"path":"{{path}}","content":"\ude01","mode":"append"}""")).IsError.ShouldBeFalse();
        (await CallAsync("read_file", new { path })).ShouldBe("a😀b😁");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Parts_of_a_text_join_without_a_gap(int length)
    {
        const string Content = "aä€😀b😁€äz";
        var path = await NewDirectoryAsync() + "/f";
        await CallAsync("write_file", new { path, content = Content });
        var size = Encoding.UTF8.GetByteCount(Content);
        var joined = "";
        for (var offset = 0; offset < size; offset += length)
        {
            joined += await CallAsync("read_file", new { path, offset, length = Math.Min(length, size - offset) });
        }
        joined.ShouldBe(Content);
    }

    [Fact]
    public async Task Bytes_are_read_in_base64()
    {
        var path = await NewDirectoryAsync() + "/f";
        await ShellAsync($"printf '\\000\\377\\200abc' > {path}");
        Convert.FromBase64String(await CallAsync("read_file", new { path, format = "binary" })).ShouldBe([0, 255, 128, 97, 98, 99]);
        Convert.FromBase64String(await CallAsync("read_file", new { path, format = "binary", offset = 1, length = 2 })).ShouldBe([255, 128]);
        (await CallAsync("read_file", new { path, format = "binary", offset = 100, length = 2 })).ShouldBe("");
    }

    [Fact]
    public async Task Several_files_are_read_at_once()
    {
        var folder = await NewDirectoryAsync();
        await ShellAsync($"cd {folder} && echo one > 1 && echo two > 2");
        (await CallAsync("read_multiple_files", new { paths = new[] { folder + "/1", folder + "/2" } }))
            .ShouldBe($"{folder}/1: one\n\n\n---\n{folder}/2: two\n\n");
        (await FailsAsync("read_multiple_files", new { paths = new[] { folder + "/1", folder + "/3" } })).ShouldContain("/3");
    }

    [Fact]
    public async Task A_path_is_described()
    {
        var folder = await NewDirectoryAsync();
        await ShellAsync($"cd {folder} && printf 12345 > f && chmod 640 f && touch -d @1700000000 f && ln -s f link && ln -s nowhere dangling");
        var lines = (await CallAsync("get_file_info", new { path = folder + "/f" })).Split('\n');
        lines[..6].ShouldBe(["name: f", $"path: {folder}/f", "size: 5", "isDirectory: false", "modTime: 2023-11-14T22:13:20Z", "mode: 0640"]);
        (await CallAsync("get_file_info", new { path = folder })).ShouldContain("isDirectory: true");
        (await CallAsync("get_file_info", new { path = folder + "/link" })).ShouldContain("size: 5");
        (await CallAsync("get_file_info", new { path = folder + "/dangling" })).ShouldContain("name: dangling");
        (await FailsAsync("get_file_info", new { path = folder + "/none" })).ShouldContain("none: no such file");
    }

    [Theory]
    [InlineData("-86400", "1969-12-31T00:00:00Z")]
    [InlineData("999999999999999", "9999-12-31T23:59:59Z")]
    public async Task A_time_that_is_out_of_the_ordinary_is_described_too(string seconds, string expected)
    {
        // Not every file system keeps such a time; this one is in memory.
        var path = $"/dev/shm/{Guid.NewGuid():n}";
        await ShellAsync($"touch -d @{seconds} {path}");
        (await CallAsync("get_file_info", new { path })).ShouldContain($"modTime: {expected}");
        await ShellAsync($"rm {path}");
    }

    [Fact]
    public async Task An_edit_that_would_make_a_file_too_large_is_refused()
    {
        var path = await NewDirectoryAsync() + "/f";
        await ShellAsync($"head -c 1000000 /dev/zero | tr '\\0' a > {path}");
        (await FailsAsync("edit_file", new { path, edits = new[] { new { oldText = "a", newText = new string('b', 100) } } })).ShouldContain("16 MiB");
        (await ShellAsync($"head -c 3 {path}")).ShouldBe("aaa");
    }

    [Fact]
    public async Task Files_that_are_too_much_together_are_refused()
    {
        var path = await NewDirectoryAsync() + "/f";
        await ShellAsync($"head -c 20M /dev/zero > {path}");
        (await FailsAsync("read_multiple_files", new { paths = Enumerable.Repeat(path, 4) })).ShouldContain("64 MiB");
    }

    [Theory]
    [InlineData("truncate -s 9223372036854775807 {0} 2>/dev/null || truncate -s 17592186040320 {0}")]
    [InlineData("ln -s /dev/zero {0}")]
    public async Task A_file_without_end_is_refused_and_not_read_to_it(string make)
    {
        var path = await NewDirectoryAsync() + "/f";
        await ShellAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, make, path));
        (await FailsAsync("read_file", new { path })).ShouldContain("64 MiB");
        (await FailsAsync("read_file", new { path, length = long.MaxValue / 4 })).ShouldContain("64 MiB");
        (await FailsAsync("read_multiple_files", new { paths = new[] { path } })).ShouldContain("64 MiB");
        (await FailsAsync("edit_file", new { path, edits = new[] { new { oldText = "a", newText = "b" } } })).ShouldContain("16 MiB");
        (await CallAsync("read_file", new { path, length = 3 })).ShouldBe("\0\0\0");
    }

    [Fact]
    public async Task Files_of_the_server_are_out_of_reach_also_by_links_that_change_all_the_time()
    {
        const string Secret = "of the server";
        var host = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(host, Secret, TestContext.Current.CancellationToken);
            File.SetUnixFileMode(host, (UnixFileMode)0b110_110_110);
            var folder = await NewDirectoryAsync();
            foreach (var path in new[] { host, $"/proc/1/root{host}", $"/proc/self/cwd/../..{host}", $"{folder}/../..{host}" })
            {
                await FailsAsync("read_file", new { path });
                await FailsAsync("move_file", new { source = path, destination = folder + "/moved" });
            }
            await ShellAsync(
                $"cd {folder}; echo -n mine > own; (while [ -d {folder} ]; do ln -sfn {host} f; ln -sfn own f; echo >> count; done) >/dev/null 2>&1 &"
                + $" until [ -s {folder}/count ]; do sleep 0.01; done");
            var before = await CountAsync();
            for (var i = 0; i < 10; i++)
            {
                var read = await AskAsync("read_file", System.Text.Json.JsonSerializer.Serialize(new { path = folder + "/f" }));
                read.Text.ShouldNotContain(Secret);
                var written = await AskAsync("write_file", System.Text.Json.JsonSerializer.Serialize(new { path = folder + "/f", content = "mine", mode = "overwrite" }));
                written.Text.ShouldNotContain(Secret);
            }
            (await CountAsync()).ShouldBeGreaterThan(before, "the links went on changing");
            (await File.ReadAllTextAsync(host, TestContext.Current.CancellationToken)).ShouldBe(Secret);
            await ShellAsync($"until rm -rf {folder} 2>/dev/null; do :; done");

            async Task<int> CountAsync() => int.Parse(await ShellAsync($"wc -l < {folder}/count"), System.Globalization.CultureInfo.InvariantCulture);
        }
        finally
        {
            File.Delete(host);
        }
    }

    [Fact]
    public async Task A_file_is_edited_everywhere_or_not_at_all()
    {
        var path = await NewDirectoryAsync() + "/f";
        await ShellAsync($"printf 'a b a \\377 ä' > {path}");
        var edits = new[] { new { oldText = "a", newText = "xx" }, new { oldText = "ä", newText = "€" } };
        (await CallAsync("edit_file", new { path, edits, dryRun = true })).ShouldStartWith("2 x 'a' -> 'xx'");
        (await ShellAsync($"od -An -tx1 {path}")).Trim().ShouldBe("61 20 62 20 61 20 ff 20 c3 a4");
        await CallAsync("edit_file", new { path, edits });
        (await ShellAsync($"od -An -tx1 {path}")).Trim().ShouldBe("78 78 20 62 20 78 78 20 ff 20 e2 82 ac");
        (await FailsAsync("edit_file", new { path, edits = new[] { new { oldText = "b", newText = "c" }, new { oldText = "none", newText = "" } } }))
            .ShouldContain("'none'");
        (await ShellAsync($"od -An -tx1 {path}")).Trim().ShouldBe("78 78 20 62 20 78 78 20 ff 20 e2 82 ac");
    }

    [Fact]
    public async Task A_file_is_moved_where_nothing_is()
    {
        var folder = await NewDirectoryAsync();
        await ShellAsync($"cd {folder} && echo 1 > a && echo 2 > b && mkdir d");
        await CallAsync("move_file", new { source = folder + "/a", destination = folder + "/d/c" });
        (await ShellAsync($"cat {folder}/d/c")).ShouldBe("1\n");
        (await FailsAsync("move_file", new { source = folder + "/d/c", destination = folder + "/b" })).ShouldContain("exists");
        (await FailsAsync("move_file", new { source = folder + "/none", destination = folder + "/e" })).ShouldContain("none");
    }

    [Fact]
    public async Task Files_are_deleted_and_directories_are_not()
    {
        var folder = await NewDirectoryAsync();
        await ShellAsync($"cd {folder} && mkdir d && touch d/f && ln -s d link");
        await CallAsync("delete_file", new { path = folder + "/d/f" });
        await CallAsync("delete_file", new { path = folder + "/link" });
        (await FailsAsync("delete_file", new { path = folder + "/d" })).ShouldContain("is a directory");
        (await FailsAsync("delete_file", new { path = folder + "/d/f" })).ShouldContain("d/f");
        (await ShellAsync($"ls {folder}")).ShouldBe("d\n");
    }
}
