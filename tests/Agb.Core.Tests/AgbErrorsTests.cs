using System.Reflection;

namespace Agb.Core.Tests;

public sealed class AgbErrorsTests
{
    [Fact]
    public void Every_error_id_is_its_own_name()
    {
        var ids = typeof(AgbErrorIds).GetFields(BindingFlags.Public | BindingFlags.Static);
        ids.Length.ShouldBeGreaterThan(20);
        ids.ShouldAllBe(f => f.IsLiteral && (string)f.GetRawConstantValue()! == f.Name);
    }

    [Fact]
    public void An_unknown_context_is_named()
    {
        var error = AgbErrors.ContextNotFound("my-context");
        (error.ErrorId, error.Kind, error.Target).ShouldBe((AgbErrorIds.ContextNotFound, AgbErrorKind.NotFound, "my-context"));
        error.Message.ShouldContain("'my-context'");
        error.Advice.ShouldBe(AgbAdvice.ListContexts);
    }

    [Fact]
    public void A_taken_name_is_named()
    {
        var error = AgbErrors.ContextAlreadyExists("my-context");
        (error.ErrorId, error.Kind, error.Target).ShouldBe((AgbErrorIds.ContextAlreadyExists, AgbErrorKind.AlreadyExists, "my-context"));
        error.Message.ShouldContain("'my-context'");
        error.Remedy.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void An_unknown_session_is_named()
    {
        var error = AgbErrors.SessionNotFound("s-1");
        (error.ErrorId, error.Kind, error.Target).ShouldBe((AgbErrorIds.SessionNotFound, AgbErrorKind.NotFound, "s-1"));
        error.Message.ShouldBe("No session has the id 's-1'.");
    }

    [Fact]
    public void A_released_session_says_since_when() =>
        AgbErrors.SessionNotFound("s-1", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1))).Message
            .ShouldBe("The session 's-1' was released at 2026-01-02 02:04:05Z.");

    [Fact]
    public void An_unknown_image_is_named_with_the_known_ones()
    {
        var error = AgbErrors.ImageNotFound("x", ["a", "b"]);
        (error.ErrorId, error.Kind).ShouldBe((AgbErrorIds.ImageNotFound, AgbErrorKind.NotFound));
        error.Message.ShouldBe("No image has the id 'x'. Known images: a, b.");
    }

    [Fact]
    public void An_error_carries_all_that_it_was_given()
    {
        var cause = new IOException("cause");
        var error = new AgbException("Id", AgbErrorKind.Failed, "message", "remedy", 5, cause);
        (error.ErrorId, error.Kind, error.Message, error.Remedy, error.Target, error.InnerException).ShouldBe(
            ("Id", AgbErrorKind.Failed, "message", "remedy", 5, cause));
    }
}
