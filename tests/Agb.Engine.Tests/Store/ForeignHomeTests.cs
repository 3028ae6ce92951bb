using Agb.Engine.Tests.Conformance;

namespace Agb.Engine.Tests.Store;

/// <summary>A home that would lock another user out, or that SQLite can't use, is refused before anything is written.</summary>
public sealed class ForeignHomeTests : IDisposable
{
    private const uint Other = 54321;

    private readonly string _directory = Directory.CreateTempSubdirectory("agb-foreign-").FullName;

    public void Dispose() => TreeRemover.Remove(_directory);

    /// <summary>Each way to open a home.</summary>
    public static TheoryData<string, Func<string, Task>> Openers => new()
    {
        { "service", home => { EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home }).Dispose(); return Task.CompletedTask; } },
        { "host check", home => AgbHost.CheckAsync(home, CancellationToken.None) },
        { "server", home => { AgbStore.RequireUsable(home); return Task.CompletedTask; } },
    };

    [Theory]
    [MemberData(nameof(Openers))]
    public async Task Another_users_home_is_refused_and_stays_empty(string opener, Func<string, Task> open)
    {
        RequireRoot();
        var home = Directory.CreateDirectory(Path.Combine(_directory, "home")).FullName;
        ProcessFiles.SetOwner(home, Other, Other);
        var error = await Should.ThrowAsync<AgbException>(() => open(home), opener);
        (error.ErrorId, error.Kind).ShouldBe((AgbErrorIds.AccessDenied, AgbErrorKind.PermissionDenied), opener);
        error.Message.ShouldContain(Other.ToString());
        Directory.EnumerateFileSystemEntries(home).ShouldBeEmpty(opener);
    }

    [Theory]
    [MemberData(nameof(Openers))]
    public async Task Root_makes_no_home_in_another_users_directory(string opener, Func<string, Task> open)
    {
        RequireRoot();
        ProcessFiles.SetOwner(_directory, Other, Other);
        var error = await Should.ThrowAsync<AgbException>(() => open(Path.Combine(_directory, "share/agb")), opener);
        error.ErrorId.ShouldBe(AgbErrorIds.AccessDenied, opener);
        error.Remedy.ShouldNotBeNull().ShouldContain("mkdir -p");
        Directory.EnumerateFileSystemEntries(_directory).ShouldBeEmpty(opener);
    }

    [Fact]
    public void A_directory_that_all_may_write_to_is_shared_whoever_owns_it()
    {
        RequireRoot();
        ProcessFiles.SetOwner(_directory, Other, Other);
        ProcessFiles.SetMode(_directory, (UnixFileMode)0b1_111_111_111);
        EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Path.Combine(_directory, "agb") }).Dispose();
    }

    [Theory]
    [InlineData(StoreHome.MostBytes, null)]
    [InlineData(StoreHome.MostBytes + 1, AgbErrorIds.InvalidPath)]
    [InlineData(600, AgbErrorIds.InvalidPath)]
    public void The_length_of_a_path_has_a_bound(int bytes, string? errorId)
    {
        // Characters of two bytes, so that it is bytes that count.
        var home = Lengthen(_directory, bytes);
        ErrorOf(home).ShouldBe(errorId);
        Directory.Exists(home).ShouldBe(errorId is null);
    }

    [Fact]
    public void A_link_to_a_path_that_is_too_long_is_no_way_around()
    {
        var target = Directory.CreateDirectory(Lengthen(_directory, StoreHome.MostBytes + 1)).FullName;
        var link = Path.Combine(_directory, "link");
        File.CreateSymbolicLink(link, target);
        ErrorOf(link).ShouldBe(AgbErrorIds.InvalidPath);
        ErrorOf(Path.Combine(link, "new")).ShouldBe(AgbErrorIds.InvalidPath);
    }

    [Fact]
    public void A_name_that_is_too_long_is_an_invalid_path() => ErrorOf(Path.Combine(_directory, new string('x', 256))).ShouldBe(AgbErrorIds.InvalidPath);

    [Fact]
    public void A_file_is_an_invalid_path()
    {
        var file = Path.Combine(_directory, "file");
        File.WriteAllText(file, "");
        ErrorOf(file).ShouldBe(AgbErrorIds.InvalidPath);
    }

    private static string Lengthen(string path, int bytes)
    {
        for (int left; (left = bytes - System.Text.Encoding.UTF8.GetByteCount(path)) > 0;)
        {
            var name = Math.Min(left - 1, 101);
            // What would leave a single byte, which is no name, takes one less.
            name -= left - 1 - name == 1 ? 1 : 0;
            path += "/" + new string('ä', name / 2) + new string('x', name % 2);
        }
        return path;
    }

    private static string? ErrorOf(string home)
    {
        try
        {
            EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home }).Dispose();
            return null;
        }
        catch (AgbException e)
        {
            return e.ErrorId;
        }
    }

    private static void RequireRoot() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a directory away.");
}
