using System.Buffers;
using System.Text;
using Agb.Protocol;

namespace Agb.Protocol.Tests;

public sealed class EnvelopeTests
{
    [Fact]
    public void Success_has_the_shape_that_official_clients_expect() => Text(o => Envelope.Ok("r-1").Write(o))
        .ShouldBe("""{"requestId":"r-1","success":true,"code":"ok","message":"","httpStatusCode":200}""");

    [Fact]
    public void A_tools_answer_has_the_shape_that_official_clients_expect() =>
        Text(o => Envelope.Ok("r").Write(o, ToolResultData.FromText("…"), WireJson.Default.ToolResultData))
            .ShouldBe("""{"requestId":"r","success":true,"code":"ok","message":"","httpStatusCode":200,"data":{"isError":false,"content":[{"type":"text","text":"…"}]}}""");

    [Fact]
    public void Data_that_is_null_is_left_out() => Text(o => Envelope.Ok("r").Write(o, null, WireJson.Default.ToolResultData)).ShouldNotContain("data");

    [Fact]
    public void Paging_is_at_the_top() =>
        Text(o => (Envelope.Ok("r") with { NextToken = "n", MaxResults = 10, Count = 11 })
            .Write(o, [new SessionSummary { SessionId = "s-1", SessionStatus = "RUNNING" }], WireJson.Default.IReadOnlyListSessionSummary))
            .ShouldEndWith("""
                "data":[{"sessionId":"s-1","sessionStatus":"RUNNING"}],"nextToken":"n","maxResults":10,"count":11}
                """);

    [Fact]
    public void A_missing_session_looks_as_the_deletion_poll_expects()
    {
        var envelope = Envelope.Failure("r", AgbErrors.SessionNotFound("s-1"));

        envelope.Success.ShouldBeFalse();
        envelope.Code.ShouldBe("InvalidMcpSession.NotFound");
        envelope.Message.ShouldStartWith("Session not found");
        envelope.HttpStatusCode.ShouldBe(400);
    }

    [Theory]
    [MemberData(nameof(ErrorIds))]
    public void Every_error_survives_the_way_there_and_back(string errorId)
    {
        var error = new AgbException(errorId, AgbErrorKind.InvalidState, "What \"happened\".", "What to do.", "it");

        var read = Roundtrip(error);

        read.ErrorId.ShouldBe(errorId);
        read.Kind.ShouldBe(AgbErrorKind.InvalidState);
        read.Message.ShouldBe(error.Message);
        read.Remedy.ShouldBe(error.Remedy);
        read.Target.ShouldBe("it");
        read.RequestId.ShouldBe("r-9");
    }

    public static IEnumerable<TheoryDataRow<string>> ErrorIds() => typeof(AgbErrorIds).GetFields().Select(f => new TheoryDataRow<string>(f.Name));

    [Theory]
    [MemberData(nameof(ErrorIds))]
    public void Every_code_means_its_error_id_also_without_the_extension(string errorId) =>
        // To official clients an expired session is one that does not exist.
        WireErrors.ErrorIdOf(WireErrors.CodeOf(errorId)).ShouldBe(errorId == AgbErrorIds.SessionExpired ? AgbErrorIds.SessionNotFound : errorId);

    [Fact]
    public void A_number_as_target_stays_a_number() => Roundtrip(AgbErrors.VersionNotFound("SdkCtx-1", 7)).Target.ShouldBe(7L);

    [Fact]
    public void Another_services_error_keeps_its_code_in_the_message()
    {
        var envelope = Envelope.Read("""{"requestId":"r","success":false,"code":"AccessDenied.NoQuota","message":"No quota."}"""u8.ToArray());

        var error = envelope.ToException(200);

        error.ErrorId.ShouldBe(AgbErrorIds.ServiceRefused);
        error.Message.ShouldBe("[AccessDenied.NoQuota] No quota.");
    }

    [Theory]
    [InlineData("""{"Success":true,"Code":"ok","Message":"m","HttpStatusCode":200,"RequestId":"r"}""")]
    [InlineData("""{"body":{"success":true,"code":"ok","message":"m","httpStatusCode":"200","requestId":"r","data":null}}""")]
    public void Other_letter_case_and_a_wrapper_are_read(string json)
    {
        var envelope = Envelope.Read(Encoding.UTF8.GetBytes(json));

        envelope.Success.ShouldBeTrue();
        envelope.Code.ShouldBe("ok");
        envelope.Message.ShouldBe("m");
        envelope.HttpStatusCode.ShouldBe(200);
        envelope.RequestId.ShouldBe("r");
        envelope.Data.ShouldBeNull();
    }

    [Fact]
    public void Paging_is_also_found_in_the_data() =>
        Envelope.Read("""{"success":true,"data":{"nextToken":"n","totalCount":3}}"""u8.ToArray()).ShouldSatisfyAllConditions(
            e => e.NextToken.ShouldBe("n"), e => e.TotalCount.ShouldBe(3));

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("""{"success":true,"code":"\ud800"}""")]
    public void What_is_no_envelope_is_a_typed_error(string json) =>
        Should.Throw<AgbException>(() => Envelope.Read(Encoding.UTF8.GetBytes(json))).ErrorId.ShouldBe(AgbErrorIds.ServiceRefused);

    [Fact]
    public void Half_a_surrogate_pair_in_a_message_does_not_break_the_answer() =>
        Text(o => Envelope.Failure("r", new AgbException(AgbErrorIds.InvalidPath, AgbErrorKind.InvalidInput, "It is '\ud83d'.")).Write(o))
            .ShouldContain("It is '\ufffd'.");

    private static AgbException Roundtrip(AgbException error)
    {
        var output = new ArrayBufferWriter<byte>();
        Envelope.Failure("r-9", error).Write(output);
        return Envelope.Read(output.WrittenMemory).ToException(400);
    }

    private static string Text(Action<ArrayBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
