from django.urls import path

from accounts.views import action_link, audit, me, sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-in/link/<str:token>/", sign_in.sign_in_link, name="sign_in_link"),
    path("do/<str:token>/", action_link.action, name="action"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("me/", me.me, name="me"),
    path("me/profile/", me.profile, name="profile"),
    path("me/password/", me.password, name="password"),
    path("me/sessions/", me.sign_out_everywhere, name="sign_out_everywhere"),
    path("me/tokens/", me.new_token, name="tokens"),
    path("me/tokens/<int:pk>/revoke/", me.revoke_token, name="revoke_token"),
    path("audit/", audit.audit, name="audit"),
]
