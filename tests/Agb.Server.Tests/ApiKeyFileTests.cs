using Agb.Server;

namespace Agb.Server.Tests;

public sealed class ApiKeyFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-keys-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_key_is_found_by_its_hash_and_is_nowhere_kept()
    {
        var file = new ApiKeyFile(_directory);

        var (secret, key) = file.Add("build", null, DateTimeOffset.UnixEpoch);

        file.Find(ApiKey.HashOf(secret)).ShouldNotBeNull().OwnerId.ShouldBe(key.OwnerId);
        file.Find(ApiKey.HashOf(secret + "x")).ShouldBeNull();
        File.ReadAllText(file.Path).ShouldNotContain(secret);
        secret.Length.ShouldBeGreaterThan(40);
    }

    [Fact]
    public void Only_the_owner_of_the_file_may_read_it()
    {
        var file = new ApiKeyFile(_directory);
        file.Add("a", null, DateTimeOffset.UnixEpoch);

        File.GetUnixFileMode(file.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void Another_reader_sees_changes_at_once()
    {
        var reader = new ApiKeyFile(_directory);
        reader.List().ShouldBeEmpty();

        var (secret, _) = new ApiKeyFile(_directory).Add("a", null, DateTimeOffset.UnixEpoch);
        reader.Find(ApiKey.HashOf(secret)).ShouldNotBeNull();

        new ApiKeyFile(_directory).Remove("a");
        reader.Find(ApiKey.HashOf(secret)).ShouldBeNull();
    }

    [Fact]
    public void A_second_key_can_open_the_same_owners_data()
    {
        var file = new ApiKeyFile(_directory);
        var (_, first) = file.Add("a", null, DateTimeOffset.UnixEpoch);

        file.Add("b", first.OwnerId, DateTimeOffset.UnixEpoch).Key.OwnerId.ShouldBe(first.OwnerId);
        file.Add("c", null, DateTimeOffset.UnixEpoch).Key.OwnerId.ShouldNotBe(first.OwnerId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\nb")]
    public void A_name_that_can_not_be_shown_is_refused(string name) => Refused(() => new ApiKeyFile(_directory).Add(name, null, DateTimeOffset.UnixEpoch));

    [Fact]
    public void Names_are_taken_once_and_owners_must_exist()
    {
        var file = new ApiKeyFile(_directory);
        file.Add("a", null, DateTimeOffset.UnixEpoch);

        Refused(() => file.Add("a", null, DateTimeOffset.UnixEpoch));
        Refused(() => file.Add("b", "o-none", DateTimeOffset.UnixEpoch));
        Refused(() => file.Remove("none"));
    }

    [Fact]
    public async Task Keys_that_are_made_at_the_same_time_are_all_kept()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() => new ApiKeyFile(_directory).Add($"k{i}", null, DateTimeOffset.UnixEpoch))));

        new ApiKeyFile(_directory).List().Count.ShouldBe(10);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("null")]
    public void A_damaged_file_is_a_typed_error(string content)
    {
        var file = new ApiKeyFile(_directory);
        File.WriteAllText(file.Path, content);

        Should.Throw<AgbException>(() => file.List()).ErrorId.ShouldBe(AgbErrorIds.StoreCorrupt);
    }

    private static void Refused(Action work) => Should.Throw<AgbException>(work).ErrorId.ShouldBe(AgbErrorIds.InvalidRequest);
}
