namespace Agb.Conformance.Files;

/// <summary>Any name that a file can have is kept.</summary>
public abstract class FileNameTests(ServiceFixture fixture) : ServiceTest(fixture)
{
    private const string Path = "/home/data";

    public static TheoryData<string> Names() =>
    [
        "a b", " ", "new\\nline", "\\n", "tab\\tbell\\a\\x1b[31m", "it\\x27s", "say \\x22hi\\x22", "\\x24HOME \\x60id\\x60", "-rf", "--", "\\\\x\\\\", "*?[a]",
        "...", ".hidden", "#a;b&c|d>e<f", "%s%n", "a:b,c=d", "\\xff", "bad \\xc3\\x28 utf", "Umlaut \\xc3\\xa4", "\\xf0\\x9f\\x98\\x80", "\\xed\\xa0\\x80",
        ".wh.file", ".wh..wh..opq", "upper", "work", "manifest.first", "tree", "CON", "a\\r", "trailing.", "\\xe2\\x80\\xae",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_is_kept_and_can_be_changed_and_deleted(string escaped)
    {
        var name = $"\"$(printf '{escaped}x')\"";
        await RoundTripAsync($"n={name}; n=${{n%x}}");
    }

    [Fact]
    public async Task A_name_of_255_bytes_is_kept_and_can_be_changed_and_deleted() =>
        await RoundTripAsync("n=$(printf 'n%.0s' $(seq 255))");

    [Fact]
    public async Task A_name_of_255_bytes_that_are_not_UTF8_is_kept() =>
        await RoundTripAsync(@"n=$(printf '\xfe%.0s' $(seq 255))");

    [Fact]
    public async Task A_skipped_name_with_a_newline_stays_on_one_line_of_the_report()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        var made = await RunAsync(session, $"cd {Path} && perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un(\"a\\nb\\xff\")) or die'");
        Assert.SkipUnless(made.Success, $"The session has nothing that makes a socket: {made.Stderr}");
        var line = (await UploadAsync(session)).Skipped.ShouldHaveSingleItem();
        line.ShouldNotContain('\n');
    }

    /// <summary>Stores a file and a directory of one name, changes them in a second session, deletes them in a third.</summary>
    private async Task RoundTripAsync(string setName)
    {
        var context = await NewContextAsync();
        const string Look = "ls -A | od -An -c | tr -s ' \\n'; ls -A dir | od -An -c | tr -s ' \\n'; cat -- \"./$n\" \"dir/$n/f\"";
        var first = await StartAsync(context.At(Path));
        await ShellAsync(first, $"{setName}; echo 1 >\"./$n\"; mkdir -p \"dir/$n\"; echo 1 >\"dir/$n/f\"", Path);
        var seen = await ShellAsync(first, $"{setName}; {Look}", Path);
        seen.ShouldEndWith("1\n1");
        await UploadAsync(first);
        await Service.RemoveSessionAsync(first.SessionId, discardChanges: true, cancellationToken: Token);

        var second = await StartAsync(context.At(Path));
        (await ShellAsync(second, $"{setName}; {Look}", Path)).ShouldBe(seen);
        await ShellAsync(second, $"{setName}; echo 2 >>\"./$n\"; echo 2 >>\"dir/$n/f\"", Path);
        await ReleaseAsync(second);
        (await AskAsync(context, Path, $"{setName}; {Look}")).ShouldBe(seen[..^3] + "1\n2\n1\n2");

        await FillAsync(context, Path, $"{setName}; rm -- \"./$n\"; rm -r -- \"dir/$n\"");
        (await StoredAsync(context, Path)).ShouldBe(["dir/"]);
    }
}
