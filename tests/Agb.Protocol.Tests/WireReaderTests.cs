using System.Text;
using Agb.Protocol;

namespace Agb.Protocol.Tests;

public sealed class WireReaderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("  \r\n")]
    [InlineData("{}")]
    [InlineData("""{"unknown":[1,{"a":null}]}""")]
    public void An_empty_body_is_an_empty_object(string json) =>
        WireReader.Read(Encoding.UTF8.GetBytes(json), WireJson.Default.CreateSessionBody, "request body").ShouldBe(new CreateSessionBody());

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"timeout\":\"x\"}")]
    [InlineData("{\"labels\":{}}")]
    [InlineData("{\"labels\":\"\\ud83d\"}")]
    [InlineData("{\"persistenceDataList\":{}}")]
    [InlineData("{\"agb\":{\"network\":1}}")]
    [InlineData("{\"agb\":{\"network\":\"host\"}}")]
    [InlineData("{\"agb\":{\"network\":\"Host, None\"}}")]
    [InlineData("{\"agb\":{\"idleTimeout\":\"99999999999.00:00:00\"}}")]
    [InlineData("{} {}")]
    [InlineData("\0")]
    public void What_is_malformed_is_a_typed_error(string json) => Should.Throw<AgbException>(
        () => WireReader.Read(Encoding.UTF8.GetBytes(json), WireJson.Default.CreateSessionBody, "request body"))
        .ErrorId.ShouldBe(AgbErrorIds.InvalidRequest);

    [Fact]
    public void Deep_nesting_is_a_typed_error()
    {
        var json = """{"x":""" + new string('[', 1000) + new string(']', 1000) + "}";

        Should.Throw<AgbException>(() => WireReader.Read(Encoding.UTF8.GetBytes(json), WireJson.Default.CreateSessionBody, "request body"))
            .ErrorId.ShouldBe(AgbErrorIds.InvalidRequest);
        Should.Throw<AgbException>(() => WireReader.ReadObject(json, "args")).ErrorId.ShouldBe(AgbErrorIds.InvalidRequest);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("""{"a":"b"}""")]
    public void Maps_are_read(string? json) => TextMap.Read(json, "labels").Count.ShouldBe(string.IsNullOrEmpty(json) ? 0 : 1);

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"a":null}""")]
    [InlineData("""{"a":{}}""")]
    public void Maps_hold_strings_only(string json) =>
        Should.Throw<AgbException>(() => TextMap.Read(json, "labels")).ErrorId.ShouldBe(AgbErrorIds.InvalidRequest);

    [Fact]
    public void Tool_arguments_with_half_a_surrogate_pair_are_kept_as_they_came() =>
        WireReader.ReadObject("""{"content":"\ud83d"}""", "args").GetProperty("content").GetRawText().ShouldBe("\"\\ud83d\"");
}
