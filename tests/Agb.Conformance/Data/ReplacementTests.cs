namespace Agb.Conformance.Data;

/// <summary>Tests of replacing one kind of entry by another.</summary>
[RunsOn(Services.Overlay | Services.Copy, Long = Services.Server | Services.UserOverlay)]
public sealed class ReplacementTests : ServiceTest
{
    private const string Path = "/home/data";

    public static TheoryData<string, string, string[], bool> Cases()
    {
        (string Before, string Change, string[] After)[] cases =
        [
            ("echo 1 >n", "rm n; mkdir n; echo 2 >n/f", ["n/", "n/f=2"]),
            ("echo 1 >n", "rm n; mkdir n", ["n/"]),
            ("mkdir n; echo 1 >n/f", "rm -r n; echo 2 >n", ["n=2"]),
            ("mkdir n; echo 1 >n/f", "rm -r n; ln -s target n", ["n->target"]),
            ("ln -s target n", "rm n; mkdir n; echo 2 >n/f", ["n/", "n/f=2"]),
            ("ln -s target n", "rm n; echo 2 >n", ["n=2"]),
            ("ln -s target n", "ln -sfn other n", ["n->other"]),
            ("echo 1 >n", "ln -sf target n", ["n->target"]),
            ("mkdir -p n/d; echo 1 >n/f; echo 1 >n/d/g", "rm -r n; mkdir n; echo 2 >n/f", ["n/", "n/f=2"]),
            ("mkdir -p n/d; echo 1 >n/f; echo 1 >n/d/g", "rm -r n; mkdir -p n/d; echo 2 >n/d/h", ["n/", "n/d/", "n/d/h=2"]),
            ("mkdir -p n/d; echo 1 >n/d/g", "rm -r n/d; echo 2 >n/d", ["n/", "n/d=2"]),
            ("mkdir a b; echo 1 >a/f; echo 2 >b/g", "mv a t; mv b a; mv t b", ["a/", "a/g=2", "b/", "b/f=1"]),
            ("echo 1 >a; echo 2 >b", "mv a t; mv b a; mv t b", ["a=2", "b=1"]),
            ("mkdir n; echo 1 >n/f", "mv n m; mkdir n; mv m n/m", ["n/", "n/m/", "n/m/f=1"]),
            ("echo 1 >n", "mkdir d; mv n d/n; mv d n", ["n/", "n/n=1"]),
            ("mkdir a b; echo 1 >a/f; echo 2 >b/g", "rm -r b; mv a b", ["b/", "b/f=1"]),
            ("mkdir -p a/d; echo 1 >a/d/f; echo 1 >a/g", "mv a b; mv b/d c; echo 2 >c/h; rm b/g", ["b/", "c/", "c/f=1", "c/h=2"]),
            ("mkdir -p a/d; echo 1 >a/d/f; echo 1 >a/g", "mv a b; rm -r b/d; mkdir a; echo 2 >a/f", ["a/", "a/f=2", "b/", "b/g=1"]),
            ("mkdir -p a/d; echo 1 >a/d/f; echo 1 >a/g", "mv a/d t; rm -r a; mv t a", ["a/", "a/f=1"]),
            ("mkdir -p a/d; echo 1 >a/d/f", "mv a b; rm -r b", []),
        ];
        var data = new TheoryData<string, string, string[], bool>();
        foreach (var (before, change, after) in cases)
        {
            data.Add(before, change, after, false);
            data.Add(before, change, after, true);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_later_session_replaces_what_an_earlier_one_stored(string before, string change, string[] after, bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, before + "; echo 0 >bystander");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, change, Path);
        await StoreAsync(session, onRelease);
        (await StoredAsync(context, Path)).ShouldBe([.. ((string[])[.. after, "bystander=0"]).Order(StringComparer.Ordinal)]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_session_replaces_what_it_uploaded_itself(string before, string change, string[] after, bool onRelease)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, before, Path);
        await UploadAsync(session);
        await ShellAsync(session, change, Path);
        await StoreAsync(session, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(after);
    }

    [Fact]
    public async Task Entries_deleted_and_made_anew_again_and_again_end_as_last_made()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 0 >d/x; echo 0 >f");
        var session = await StartAsync(context.At(Path));
        for (var i = 1; i <= 4; i++)
        {
            await ShellAsync(session, i % 2 == 0 ? $"rm -r f d; mkdir f; echo {i} >f/g; echo {i} >d" : $"rm -r f d; mkdir d; echo {i} >d/y; echo {i} >f", Path);
            await UploadAsync(session);
            (await StoredAsync(context, Path)).ShouldBe(i % 2 == 0 ? [$"d={i}", "f/", $"f/g={i}"] : ["d/", $"d/y={i}", $"f={i}"]);
        }
    }
}
