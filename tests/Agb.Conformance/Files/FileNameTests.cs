namespace Agb.Conformance.Files;

/// <summary>Tests of file names with any bytes. Names are written with the escapes of printf's %b.</summary>
[RunsOn(Services.Overlay | Services.Copy, Long = Services.Server | Services.UserOverlay)]
public sealed class FileNameTests : ServiceTest
{
    private const string Path = "/home/data";

    // For each name: a file, and a file in a directory of that name.
    private const string EachName = "for e in \"${names[@]}\"; do printf -v n '%b' \"$e\"; ";

    [Fact]
    public Task Names_with_white_space_and_control_characters_are_kept() =>
        RoundTripAsync(" ", "a b", @"new\nline", @"\n", @"tab\tbell\a\x1b[31m", @"a\r", " leading", "trailing ");

    [Fact]
    public Task Names_with_quotes_and_characters_of_the_shell_are_kept() =>
        RoundTripAsync(@"it\x27s", "say \"hi\"", "$HOME `id`", "*?[a]", "#a;b&c|d>e<f", "%s%n", @"back\\slash\\", "{a,b}", "!x", "~");

    [Fact]
    public Task Names_that_look_like_options_or_paths_are_kept() =>
        RoundTripAsync("-rf", "--", "-", "...", ".hidden", "a:b,c=d", "CON", "trailing.", "@x", "+");

    [Fact]
    public Task Names_of_other_languages_are_kept() =>
        RoundTripAsync(@"Umlaut \xc3\xa4", @"composed a\xcc\x88", @"\xe6\x95\xb0\xe6\x8d\xae", @"\xf0\x9f\x98\x80", @"\xe2\x80\xae", @"\xef\xbb\xbf");

    [Fact]
    public Task Names_that_are_not_UTF8_are_kept() =>
        RoundTripAsync(@"\xff", @"bad \xc3\x28 utf", @"\xed\xa0\x80", @"\xc3", @"latin \xe4\xf6", @"\x80\x81");

    [Fact]
    public Task Names_that_a_store_might_use_itself_are_kept() =>
        RoundTripAsync(".wh.file", ".wh..wh..opq", "upper", "work", "merged", "manifest.first", "tree", "data", "l0", ".agb-download-x");

    [Fact]
    public Task Names_of_255_bytes_are_kept() => RoundTripAsync(new string('n', 255), string.Concat(Enumerable.Repeat(@"\xfe", 255)));

    [Fact]
    public async Task A_skipped_name_with_a_newline_stays_on_one_line_of_the_report()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        var made = await RunAsync(session, $"cd {Path} && perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un(\"a\\nb\\xff\")) or die'");
        Assert.SkipUnless(made.Success, $"The session has no program to make a socket: {made.Stderr}");
        var line = (await UploadAsync(session)).Skipped.ShouldHaveSingleItem();
        line.ShouldNotContain('\n');
    }

    /// <summary>Stores entries of these names, changes them in a second session, deletes them in a third.</summary>
    private async Task RoundTripAsync(params string[] names)
    {
        var declare = $"names=({string.Join(' ', names.Select(Shell.Quote))}); ";
        var context = await NewContextAsync();
        var first = await StartAsync(context.At(Path));
        await ShellAsync(first, declare + EachName + "echo \"1 $e\" >\"./$n\"; mkdir -p \"dir/$n\"; echo \"2 $e\" >\"dir/$n/f\"; done", Path);
        var listed = await ListAsync(first);
        await UploadAsync(first);
        await Service.RemoveSessionAsync(first, AgbReleaseMode.Discard, cancellationToken: Token);

        var second = await StartAsync(context.At(Path));
        (await ListAsync(second)).ShouldBe(listed);
        (await ReadAsync(second, declare)).ShouldBe(string.Join('\n', names.Select(n => $"1 {n}\n2 {n}")));
        await ShellAsync(second, declare + EachName + "echo \"3 $e\" >\"./$n\"; echo \"4 $e\" >\"dir/$n/f\"; done", Path);
        await ReleaseAsync(second);

        var third = await StartAsync(context.At(Path));
        (await ListAsync(third)).ShouldBe(listed);
        (await ReadAsync(third, declare)).ShouldBe(string.Join('\n', names.Select(n => $"3 {n}\n4 {n}")));
        await ShellAsync(third, declare + EachName + "rm -- \"./$n\"; rm -r -- \"dir/$n\"; done", Path);
        await ReleaseAsync(third);
        (await StoredAsync(context, Path)).ShouldBe(["dir/"]);
    }

    private Task<string> ListAsync(AgbSession session) => ShellAsync(session, "find . -print0 | LC_ALL=C sort -z | od -An -tx1", Path);

    private Task<string> ReadAsync(AgbSession session, string declare) =>
        ShellAsync(session, declare + EachName + "cat \"./$n\" \"dir/$n/f\"; done", Path);
}
